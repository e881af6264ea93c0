import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { read } from '../api/client.ts'
import { sessionHasEnded, sessionIsBack } from '../api/session-end.ts'
import { readSession, type Session, sessionQuery } from '../api/users.ts'
import type { User } from '../api/wire.ts'
import { beSignedOut, startAnew } from './leave.ts'

/** All tabs of a browser share its cookies: who signs in or out in one does so in all. */
const channel = new BroadcastChannel('tako-session')

/** Tells the other tabs who has signed in here; null for nobody any more. */
export function tellOtherTabs(userId: string | null): void {
  channel.postMessage({ userId })
}

/** Keeps this tab at the session that the browser has, whichever tab it began or ended in. */
export function useOtherTabs(session: Session | null | undefined): void {
  const client = useQueryClient()
  useEffect(() => {
    if (session === undefined) return
    const onMessage = ({ data }: MessageEvent<{ userId: string | null }>) => void follow(data.userId, session, client)
    // A tab that was frozen has heard nothing.
    const onVisibility = () => {
      if (document.visibilityState !== 'hidden' && session && !sessionHasEnded.get()) void compare(session)
    }
    channel.addEventListener('message', onMessage)
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      channel.removeEventListener('message', onMessage)
      document.removeEventListener('visibilitychange', onVisibility)
    }
  }, [client, session])
}

async function follow(userId: string | null, session: Session | null, client: QueryClient): Promise<void> {
  const { queryKey } = sessionQuery()
  if (userId === null) {
    if (session) beSignedOut(client)
  } else if (!session) {
    await client.invalidateQueries({ queryKey })
  } else if (session.user.Id !== userId) {
    startAnew()
  } else if (sessionHasEnded.get()) {
    const found = await readSession().catch(() => null)
    if (!found) return
    client.setQueryData(queryKey, found)
    sessionIsBack()
  }
}

/** That the session has ended shows with the next read. */
async function compare({ user }: Session): Promise<void> {
  const found = await read<User>('/users/me', { on401: 'throw' }).catch(() => undefined)
  if (found && found.Id !== user.Id) startAnew()
}
