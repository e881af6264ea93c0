import { IconAlertTriangle } from '@tabler/icons-react'
import { sentenceOf } from '../api/api-error.ts'
import classes from './error-text.module.css'

/** What went wrong, beside what caused it; nothing without an error. */
export function ErrorText({ error }: { error: Error | string | undefined | null }) {
  if (!error) return null
  return (
    <p role="alert" className={classes.text}>
      <IconAlertTriangle size={16} aria-hidden className={classes.icon} />
      <span>{typeof error === 'string' ? error : sentenceOf(error)}</span>
    </p>
  )
}
