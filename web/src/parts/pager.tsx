import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import classes from './pager.module.css'

export interface PagerProps {
  /** The page shown, from 1. */
  page: number
  pageSize: number
  total: number
  /** Such as `tasks`. */
  what: string
  onPage: (page: number) => void
}

const NUMBERS = new Intl.NumberFormat()

/** Which part of a list is shown, and the way to the others. */
export function Pager({ page, pageSize, total, what, onPage }: PagerProps) {
  const last = Math.max(1, Math.ceil(total / pageSize))
  const from = total === 0 ? 0 : (page - 1) * pageSize + 1
  const to = Math.min(total, page * pageSize)
  return (
    <nav className={classes.pager} aria-label={`Pages of ${what}`}>
      <span>
        {NUMBERS.format(from)}–{NUMBERS.format(to)} of {NUMBERS.format(total)} {what}
      </span>
      <ActionIcon variant="default" aria-label="Former page" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Next page" disabled={page >= last} onClick={() => onPage(page + 1)}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </nav>
  )
}
