import { expect, test } from 'vitest'
import type { Action } from '../api/action.ts'
import { ApiError } from '../api/api-error.ts'
import type { Question } from './confirm-store.ts'
import { runConfirmed } from './run-confirmed.ts'

const refusal = new ApiError(409, 'It is the last one.', { details: { Confirmation: 'ConfirmLastNode' } })

/** An action that the server refuses until it is confirmed, and what was sent with each try. */
function refusedAction() {
  const sent: [Readonly<Record<string, true>>, string][] = []
  const action: Action<string, string> = {
    async run(input, more, key) {
      sent.push([{ ...more }, key])
      if (!more.ConfirmLastNode) throw refusal
      return `${input} drains`
    },
    done: () => undefined,
    topics: [],
    confirm: (input) => ({ title: `Drain ${input}?`, action: 'Drain' }),
  }
  return { action, sent }
}

test('what the server wants confirmed is asked with its sentence, and then done under the same key', async () => {
  const { action, sent } = refusedAction()
  const asked: Question[] = []
  const done = await runConfirmed(action, 'node-a', async (question) => asked.push(question) > 0)
  expect(done).toEqual({ output: 'node-a drains' })
  expect(asked).toEqual([{ title: 'Drain node-a?', action: 'Drain', body: 'It is the last one.' }])
  expect(sent.map(([more]) => more)).toEqual([{}, { ConfirmLastNode: true }])
  expect(new Set(sent.map(([, key]) => key)).size).toBe(1)
})

test('a no leaves it', async () => {
  const { action, sent } = refusedAction()
  expect(await runConfirmed(action, 'node-a', async () => false)).toBeUndefined()
  expect(sent).toHaveLength(1)
})

test('what cannot be confirmed, or is refused although it was, fails', async () => {
  const fault = new ApiError(409, 'It has ended.')
  const failing = (error: Error): Action<void, never> => ({
    run: () => Promise.reject(error),
    done: () => undefined,
    topics: [],
  })
  const yes = async () => true
  await expect(runConfirmed(failing(fault), undefined, yes)).rejects.toBe(fault)
  await expect(runConfirmed(failing(refusal), undefined, yes)).rejects.toBe(refusal)
})
