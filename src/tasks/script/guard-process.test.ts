import { expect, test } from 'vitest'
import { attemptMark, parseAttemptMark } from './attempt-mark.ts'
import { parseGuardEvent } from './guard-process.ts'

test.each([
  ['ready', { type: 'ready' }],
  ['started 4711', { type: 'started', group: 4711 }],
  ['exit 0', { type: 'exit', code: 0 }],
  ['exit 137', { type: 'exit', code: 137 }],
  ['too late', { type: 'too late' }],
  ['no trust', { type: 'no trust' }],
  ['killed lease', { type: 'killed lease' }],
  ['killed lifeline', { type: 'killed lifeline' }],
  ['', undefined],
  ['started', undefined],
  ['started -1', undefined],
  ['exit 1x', undefined],
  ['constructor', undefined],
])('the line %j of a guard is read', (line, event) => {
  expect(parseGuardEvent(line)).toEqual(event)
})

test('a mark is read as it was written, and nothing else is one', () => {
  const attempt = { taskId: 12, attempt: 3, incarnation: '11111111-1111-4111-8111-111111111111' }
  expect(attemptMark(attempt)).toBe('12/3/11111111-1111-4111-8111-111111111111')
  expect(parseAttemptMark(attemptMark(attempt))).toEqual(attempt)
  for (const text of ['', '12/3', '12/3/', '12/3/a/b', 'x/3/a', '12/-3/a', '12/3/a b']) {
    expect(parseAttemptMark(text)).toBeUndefined()
  }
})
