import type { ReactNode } from 'react'
import classes from './state-badge.module.css'
import { lookOf, type StateName } from './states.ts'

export interface StateBadgeProps {
  state: StateName
  /** Instead of the state's word. */
  word?: string
  /** After the word, such as the count that is left. */
  detail?: ReactNode
  /** Without ground: for dense tables. */
  isPlain?: boolean
  title?: string
}

/** A state as icon, word and colour. */
export function StateBadge({ state, word, detail, isPlain, title }: StateBadgeProps) {
  const look = lookOf(state)
  const Icon = look.icon
  return (
    <span className={classes.badge} data-tone={look.tone} data-plain={isPlain || undefined} title={title}>
      <span className={classes.icon} data-busy={look.isBusy || undefined} aria-hidden>
        <Icon size={14} />
      </span>
      <span>{word ?? look.word}</span>
      {detail !== undefined && <span className="tabular">{detail}</span>}
    </span>
  )
}
