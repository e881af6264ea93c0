import type { ReactNode } from 'react'
import classes from './quiet-line.module.css'

/** Stands where a table would be, when there is nothing to show and nothing to do about it. */
export function QuietLine({ children }: { children: ReactNode }) {
  return <p className={classes.line}>{children}</p>
}
