import { Button } from '@mantine/core'
import { IconLogout } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { endSessions, sessionQuery } from '../api/users.ts'
import { ask } from '../parts/confirm-store.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Panel } from '../parts/panel.tsx'
import { useAction } from '../parts/use-action.ts'
import { useCurrentUser } from '../session/current-session.ts'
import classes from './profile.module.css'

/** Ends every session of the user. */
export function SessionsPanel() {
  const user = useCurrentUser()
  const client = useQueryClient()
  const end = useAction(endSessions)
  const start = async () => {
    const isSure = await ask({
      title: 'Sign out everywhere?',
      body: 'Every browser in which you are signed in is signed out, this one too. Your API keys go on working.',
      action: 'Sign out everywhere',
      isDangerous: true,
    })
    if (!isSure || !(await hasEnded())) return
    client.setQueryData(sessionQuery().queryKey, null)
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }
  const hasEnded = async () => (await end.start({ user })) !== undefined
  return (
    <Panel title="Sessions">
      <p className={classes.text}>
        Signs you out in every browser, this one too. Use it when you left a session open somewhere.
      </p>
      <Button
        variant="default"
        leftSection={<IconLogout size={16} aria-hidden />}
        loading={end.isPending}
        onClick={() => void start()}
      >
        Sign out everywhere
      </Button>
      <ErrorText error={end.error} />
    </Panel>
  )
}
