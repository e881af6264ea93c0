import { Title } from '@mantine/core'
import { IconChevronLeft } from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import classes from './page-header.module.css'

export interface PageHeaderProps {
  title: string
  /** In the window's title; by default the same. */
  documentTitle?: string
  /** Where one came from, above the heading. */
  back?: { to: '/nodes' | '/tasks' | '/jobs' | '/audit'; label: string }
  /** Badges and small marks beside the heading. */
  badges?: ReactNode
  /** Buttons at the right. */
  actions?: ReactNode
  /** A line below the heading. */
  children?: ReactNode
}

let firstPath: string | undefined
let hasNavigated = false

/** The page's heading. Sets the window's title, and takes the focus after a navigation (not at the first load). */
export function PageHeader({ title, documentTitle = title, back, badges, actions, children }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    firstPath ??= pathname
    hasNavigated ||= pathname !== firstPath
    if (hasNavigated) heading.current?.focus({ preventScroll: true })
  }, [pathname])

  return (
    <header className={classes.header}>
      <title>{`${documentTitle} · Tako`}</title>
      {back && (
        <Link to={back.to} className={classes.back}>
          <IconChevronLeft size={14} aria-hidden />
          {back.label}
        </Link>
      )}
      <div className={classes.line}>
        <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </Title>
        {badges && <div className={classes.badges}>{badges}</div>}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children && <div className={classes.below}>{children}</div>}
    </header>
  )
}
