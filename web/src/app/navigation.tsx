import { IconClockPlay, IconHistory, IconListDetails, IconServer2, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import classes from './navigation.module.css'

const PAGES = [
  { to: '/nodes', label: 'Nodes', icon: IconServer2 },
  { to: '/tasks', label: 'Tasks', icon: IconListDetails },
  { to: '/jobs', label: 'Cluster jobs', short: 'Jobs', icon: IconClockPlay },
  { to: '/audit', label: 'Audit', icon: IconHistory },
  { to: '/profile', label: 'Profile', icon: IconUserCircle },
] as const

/** The way to the pages: at the side, in a narrow window along the foot. */
export function Navigation() {
  return (
    <nav className={classes.navigation} aria-label="Pages">
      {PAGES.map(({ to, label, icon: Icon, ...page }) => (
        <Link key={to} to={to} className={classes.link} activeProps={{ 'data-active': true }}>
          <Icon size={18} stroke={1.7} aria-hidden />
          <span className={classes.label}>{label}</span>
          <span className={classes.short} aria-hidden>
            {'short' in page ? page.short : label}
          </span>
        </Link>
      ))}
    </nav>
  )
}
