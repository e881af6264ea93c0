import { useEffect } from 'react'
import type { Action } from '../../api/action.ts'
import { sentenceOf } from '../../api/api-error.ts'
import { toastFailed } from '../../parts/toast.tsx'
import { type RunningAction, useAction } from '../../parts/use-action.ts'

/** `useAction` for what starts from a menu or a toast, which are gone by then: what it fails with is told in a toast. */
export function useToastedAction<Input, Output>(action: Action<Input, Output>): RunningAction<Input, Output> {
  const running = useAction(action)
  const { error } = running
  useEffect(() => {
    if (error) toastFailed(sentenceOf(error))
  }, [error])
  return running
}
