import { PageHeader } from '../parts/page-header.tsx'
import { useCurrentUser } from '../session/current-session.ts'
import { ApiKeysPanel } from './api-keys-panel.tsx'
import { ColoursPanel } from './colours-panel.tsx'
import { PasswordPanel } from './password-panel.tsx'
import classes from './profile.module.css'
import { RolePanel } from './role-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

/** The user's own settings. */
export function ProfilePage() {
  const user = useCurrentUser()
  return (
    <>
      <PageHeader title="Profile">
        Signed in as {user.Username}
        {user.DisplayName && user.DisplayName !== user.Username && ` (${user.DisplayName})`}, {user.Role}
      </PageHeader>
      <ApiKeysPanel />
      <div className={classes.columns}>
        <PasswordPanel />
        <div>
          <SessionsPanel />
          <ColoursPanel />
        </div>
      </div>
      <RolePanel />
    </>
  )
}
