import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Action } from '../api/action.ts'
import { ask } from './confirm-store.ts'
import { runConfirmed } from './run-confirmed.ts'
import { toastDone } from './toast.tsx'

export interface RunningAction<Input, Output> {
  /** Does it, unless it is under way. Resolves with the output, or undefined when it failed or was not confirmed; never rejects. */
  start(input: Input): Promise<Output | undefined>
  isPending: boolean
  /** What the last start failed with; undefined while pending and after success. Show it beside the control (`ErrorText`). */
  error: Error | undefined
  /** Takes the error away. */
  reset(): void
}

/** Makes an action startable: guards against doubles, asks when the server wants a confirmation, toasts, reads again. */
export function useAction<Input, Output>(action: Action<Input, Output>): RunningAction<Input, Output> {
  const client = useQueryClient()
  const isRunning = useRef(false)
  const mutation = useMutation<{ output: Output } | undefined, Error, Input>({
    mutationFn: (input) => runConfirmed(action, input, ask),
    onSuccess: async (result, input) => {
      if (!result) return
      const sentence = action.done(input, result.output)
      if (sentence !== undefined) toastDone(sentence)
      await client.invalidateQueries({
        predicate: ({ meta }) => meta?.topics?.some((topic) => action.topics.includes(topic)) ?? false,
      })
    },
  })
  return {
    async start(input) {
      if (isRunning.current) return undefined
      isRunning.current = true
      try {
        return (await mutation.mutateAsync(input))?.output
      } catch {
        return undefined
      } finally {
        isRunning.current = false
      }
    },
    isPending: mutation.isPending,
    error: mutation.error ?? undefined,
    reset: mutation.reset,
  }
}
