import type { Action } from '../api/action.ts'
import { ApiError } from '../api/api-error.ts'
import { newIdempotencyKey } from '../api/idempotency-key.ts'
import type { Question } from './confirm-store.ts'

/**
 * Does an action, and asks with the server's own sentence when the server wants a confirmation, each at most once.
 * Undefined when the user did not confirm; throws what the action fails with.
 */
export async function runConfirmed<Input, Output>(
  action: Action<Input, Output>,
  input: Input,
  ask: (question: Question) => Promise<boolean>,
): Promise<{ output: Output } | undefined> {
  const key = newIdempotencyKey()
  const confirmed: Record<string, true> = {}
  for (;;) {
    try {
      return { output: await action.run(input, confirmed, key) }
    } catch (error) {
      const field = error instanceof ApiError ? error.confirmation : undefined
      if (field === undefined || field in confirmed || !(error instanceof ApiError)) throw error
      const words = action.confirm?.(input) ?? { title: 'Go on?', action: 'Go on' }
      if (!(await ask({ ...words, body: error.message }))) return undefined
      confirmed[field] = true
    }
  }
}
