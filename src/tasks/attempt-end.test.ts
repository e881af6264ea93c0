import { expect, test } from 'vitest'
import { endOf } from './attempt-end.ts'
import { AttemptStop, NotStartedError, type StopReason } from './kind.ts'

const facts = { stop: undefined, whenLost: 'rerun', timeLimitMs: undefined } as const
const stopped = (reason: StopReason) => new AttemptStop(reason, `because of ${reason}`)

test('what ended by itself keeps its outcome, whatever it was asked meanwhile', () => {
  for (const stop of [undefined, stopped('cancel'), stopped('node stopping'), stopped('time limit')]) {
    expect(endOf({ outcome: { state: 'Success', exitCode: 0 } }, { ...facts, stop })).toEqual({
      do: 'end',
      state: 'Success',
      stopped: false,
      cause: undefined,
      exitCode: 0,
      hasWarnings: false,
    })
  }
})

test.each([
  ['cancel', 'rerun', { do: 'end', state: 'Canceled', stopped: true, cause: 'because of cancel' }],
  ['drain deadline', 'fail', { do: 'end', state: 'Canceled', stopped: true, cause: 'because of drain deadline' }],
  [
    'time limit',
    'rerun',
    { do: 'end', state: 'TimedOut', stopped: true, cause: 'It ran longer than its time limit of 1m.' },
  ],
  ['node stopping', 'rerun', { do: 'return', outcome: 'HandedBack', cause: 'because of node stopping' }],
  ['node stopping', 'resume', { do: 'return', outcome: 'HandedBack' }],
  ['node stopping', 'fail', { do: 'end', state: 'Failed', stopped: true, cause: 'because of node stopping' }],
  ['lease ending', 'rerun', { do: 'return', outcome: 'HandedBack' }],
  ['lease ending', 'fail', { do: 'end', state: 'Failed', stopped: true }],
  ['lost', 'fail', { do: 'drop' }],
] as const)('stopped for %s, a %s attempt ends as its asker meant', (reason, whenLost, expected) => {
  const asked = { stop: stopped(reason), whenLost, timeLimitMs: 60_000 }
  expect(endOf({ outcome: { state: 'Canceled' } }, asked)).toMatchObject(expected)
  expect(endOf({ error: asked.stop }, asked)).toMatchObject(expected)
  expect(endOf({ error: new DOMException('stopped', 'AbortError') }, asked)).toMatchObject(expected)
})

test('the kind’s own words for a cancel are kept', () => {
  const outcome = { state: 'Canceled', cause: 'It was killed after 5 s.', exitCode: 137 } as const
  expect(endOf({ outcome }, { ...facts, stop: stopped('cancel') })).toMatchObject({
    cause: 'It was killed after 5 s.',
    exitCode: 137,
  })
})

test('errors fail, and what never began goes back', () => {
  expect(endOf({ error: new Error('no disk') }, facts)).toMatchObject({
    do: 'end',
    state: 'Failed',
    cause: 'It ended with an error: no disk',
  })
  expect(endOf({ error: 'a text' }, facts)).toMatchObject({ state: 'Failed', cause: 'It ended with an error: a text' })
  expect(endOf({ error: new NotStartedError('too late') }, facts)).toEqual({
    do: 'return',
    outcome: 'NotStarted',
    cause: 'too late',
  })
  expect(endOf({ error: new Error('no disk') }, { ...facts, stop: stopped('cancel') })).toMatchObject({
    state: 'Failed',
    stopped: false,
  })
})
