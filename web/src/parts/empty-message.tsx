import type { ReactNode } from 'react'
import classes from './empty-message.module.css'

export interface EmptyMessageProps {
  icon: ReactNode
  title: string
  children?: ReactNode
  /** A button or link that leads on. */
  action?: ReactNode
  tone?: 'red'
  role?: 'status' | 'alert'
  isQuiet?: boolean
  /** Appears after a moment. */
  isLate?: boolean
  isWholePage?: boolean | undefined
}

/** What stands where there is nothing to show: an icon, what is so, and what to do. */
export function EmptyMessage(props: EmptyMessageProps) {
  const { icon, title, children, action, tone, role, isQuiet, isLate, isWholePage } = props
  return (
    <div
      role={role}
      className={classes.message}
      data-tone={tone}
      data-quiet={isQuiet || undefined}
      data-late={isLate || undefined}
      data-whole={isWholePage || undefined}
    >
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <p className={classes.title}>{title}</p>
      {children && <p className={classes.text}>{children}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  )
}
