import type { ReactNode } from 'react'
import classes from './notice.module.css'
import { lookOf, type StateName } from './states.ts'

export interface NoticeProps {
  /** Gives icon and colour. */
  state: StateName
  children: ReactNode
  /** Buttons at the right. */
  actions?: ReactNode
  role?: 'status' | 'alert'
}

/** A sentence that has to be seen, over the width of its place. */
export function Notice({ state, children, actions, role }: NoticeProps) {
  const { icon: Icon, tone } = lookOf(state)
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <span className={classes.icon} aria-hidden>
        <Icon size={16} />
      </span>
      <div className={classes.text}>{children}</div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  )
}
