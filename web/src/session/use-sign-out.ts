import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sentenceOf } from '../api/api-error.ts'
import { signOut } from '../api/users.ts'
import { toastFailed } from '../parts/toast.tsx'
import { beSignedOut } from './leave.ts'
import { tellOtherTabs } from './other-tabs.ts'

/** Signs out and forgets everything that was read. */
export function useSignOut(): { start(): Promise<void>; isPending: boolean } {
  const client = useQueryClient()
  const [isPending, setPending] = useState(false)
  return {
    isPending,
    async start() {
      setPending(true)
      try {
        await signOut()
        tellOtherTabs(null)
        beSignedOut(client)
      } catch (error) {
        toastFailed(sentenceOf(error))
      } finally {
        setPending(false)
      }
    },
  }
}
