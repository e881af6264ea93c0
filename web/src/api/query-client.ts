import { QueryClient } from '@tanstack/react-query'
import { isDisconnected } from './api-error.ts'
import type { Topic } from './topics.ts'

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      /** What the query is about: it is read again when the event stream tells of one of these. */
      topics?: readonly Topic[]
      /** The ids it is about; with them only events that name one of these, or many, count. */
      ids?: readonly string[]
    }
  }
}

const RETRIES = 4
const LONGEST_WAIT_MS = 4000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 1000,
      // The event stream reads everything again when the tab is seen again.
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < RETRIES && isDisconnected(error),
      retryDelay: (failures) => Math.min(LONGEST_WAIT_MS, 400 * 2 ** failures),
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
