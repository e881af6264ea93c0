import { notifications } from '@mantine/notifications'
import type { QueryClient } from '@tanstack/react-query'
import { sessionQuery } from '../api/users.ts'
import { openQuestion } from '../parts/confirm-store.ts'

/** Shows the sign-in page, and forgets everything that was read, typed or told. */
export function beSignedOut(client: QueryClient): void {
  openQuestion.get()?.answer(false)
  notifications.clean()
  forgetDrafts()
  client.setQueryData(sessionQuery().queryKey, null)
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
}

/** Opens the page anew for another user, for whom nothing on it was read. */
export function startAnew(): void {
  forgetDrafts()
  window.location.reload()
}

/** What was typed into a page is kept for the tab, and belongs to who typed it. */
function forgetDrafts(): void {
  try {
    sessionStorage.clear()
  } catch {
    // Without storage there are no drafts.
  }
}
