import { Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './panel.module.css'

export interface PanelProps {
  title: string
  /** At the right of the title. */
  actions?: ReactNode
  /** Without ground and border, for what brings its own, such as a table. */
  isBare?: boolean
  children: ReactNode
}

/** A part of a page with a heading of its own. */
export function Panel({ title, actions, isBare, children }: PanelProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={classes.panel}>
      <div className={classes.head}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      <div className={isBare ? undefined : classes.body}>{children}</div>
    </section>
  )
}
