import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { isDisconnected } from '../api/api-error.ts'
import { startLive } from '../api/live.ts'
import { sessionIsBack, sessionIsGone } from '../api/session-end.ts'
import { readSession, sessionQuery } from '../api/users.ts'
import { Disconnected, Failed, Loading } from '../parts/load-states.tsx'
import { SessionContext } from './current-session.ts'
import { tellOtherTabs, useOtherTabs } from './other-tabs.ts'
import { SessionDialog } from './session-dialog.tsx'
import { SignInPage } from './sign-in-page.tsx'

/** Shows the page to who is signed in, and the sign-in page to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const {
    data: session,
    error,
    refetch,
  } = useQuery({
    ...sessionQuery(),
    refetchInterval: ({ state }) => (state.data === undefined && state.error ? 2000 : false),
  })
  const userId = session?.user.Id
  useEffect(() => (userId === undefined ? undefined : startLive(client)), [client, userId])
  useEffect(() => {
    if (session === null) sessionIsGone()
  }, [session])
  useOtherTabs(session)

  if (session === undefined) {
    if (!error) return <Loading label="Opening Tako" isWholePage />
    if (isDisconnected(error)) return <Disconnected isWholePage />
    return <Failed error={error} onRetry={() => void refetch()} isWholePage />
  }
  if (session === null) {
    const onDone = async () => {
      const found = await readSession()
      // What was refused while the session was ended on purpose needs no dialog any more.
      sessionIsBack()
      client.setQueryData(sessionQuery().queryKey, found)
      if (found) tellOtherTabs(found.user.Id)
    }
    return <SignInPage onDone={onDone} />
  }
  return (
    <SessionContext value={session}>
      {children}
      <SessionDialog />
    </SessionContext>
  )
}
