import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core'
import { IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useServedBy } from '../api/connection.ts'
import { isHelpOpen } from '../parts/shortcuts.ts'
import { StaleMark } from '../parts/stale-mark.tsx'
import { TakoMark } from '../parts/tako-mark.tsx'
import { useCurrentUser } from '../session/current-session.ts'
import { useSignOut } from '../session/use-sign-out.ts'
import { ClusterBrief } from './cluster-brief.tsx'
import { ColourSchemeItems } from './colour-scheme-items.tsx'
import classes from './header.module.css'

/** The top of every page: the cluster in a few words, whether the page is live, and the user. */
export function Header() {
  return (
    <header className={classes.header}>
      <Link to="/nodes" className={classes.brand}>
        <TakoMark />
        <span>Tako</span>
      </Link>
      <ClusterBrief />
      <div className={classes.end}>
        <StaleMark />
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Keyboard shortcuts"
            className={classes.keyboard}
            onClick={() => isHelpOpen.set(true)}
          >
            <IconKeyboard size={19} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <UserMenu />
      </div>
    </header>
  )
}

function UserMenu() {
  const user = useCurrentUser()
  const signOut = useSignOut()
  const servedBy = useServedBy()
  const name = user.DisplayName || user.Username
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`User menu of ${name}`}>
          <IconUserCircle size={20} stroke={1.6} aria-hidden />
          <span className={classes.name}>{name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.Username}, {user.Role}
        </Menu.Label>
        {servedBy !== undefined && <Menu.Label className={classes.servedBy}>Served by {servedBy}</Menu.Label>}
        <Menu.Item component={Link} to="/profile" leftSection={<IconUserCircle size={16} aria-hidden />}>
          Profile and API keys
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        <ColourSchemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={() => isHelpOpen.set(true)}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          disabled={signOut.isPending}
          onClick={() => void signOut.start()}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
