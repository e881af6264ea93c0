import { IconCheck, IconLock } from '@tabler/icons-react'
import { Fact, Facts } from '../parts/facts.tsx'
import { Panel } from '../parts/panel.tsx'
import { useCurrentUser, usePermissions } from '../session/current-session.ts'
import { ALL_PERMISSIONS } from '../session/permissions.ts'
import classes from './profile.module.css'

const ROLE_WORDS = {
  administrator: 'Administrator: may do everything',
  operator: 'Operator: may work with nodes, tasks and the queue',
  viewer: 'Viewer: may look at everything and change nothing',
} as const

/** Who the user is, and what the role allows. */
export function RolePanel() {
  const user = useCurrentUser()
  const held = usePermissions()
  return (
    <Panel title="Role and permissions">
      <Facts>
        <Fact name="Name">{user.DisplayName || user.Username}</Fact>
        <Fact name="Username">{user.Username}</Fact>
        {user.EmailAddress && <Fact name="Email">{user.EmailAddress}</Fact>}
        <Fact name="Role">{ROLE_WORDS[user.Role]}</Fact>
      </Facts>
      <ul className={classes.permissions} aria-label="Permissions">
        {ALL_PERMISSIONS.map(({ name, allows }) => (
          <Permission key={name} name={name} allows={allows} isHeld={held.has(name)} />
        ))}
      </ul>
    </Panel>
  )
}

function Permission({ name, allows, isHeld }: { name: string; allows: string; isHeld: boolean }) {
  const Icon = isHeld ? IconCheck : IconLock
  return (
    <li className={classes.permission} data-held={isHeld || undefined}>
      <Icon size={16} aria-hidden className={classes.mark} />
      <span>
        <span>
          {isHeld ? 'May' : 'May not'} {allows}
        </span>
        <code className={classes.code}>{name}</code>
      </span>
    </li>
  )
}
