import { expect, test } from 'vitest'
import { ANY_TIME, choiceOf, OWN_TIME, searchOfChoice, TIME_GROUPS } from './time-choice.ts'

test('every choice is found again in its address', () => {
  for (const { value } of TIME_GROUPS.flatMap(({ items }) => items)) {
    expect(choiceOf(searchOfChoice(value, {}, ''))).toBe(value)
  }
})

test('dates of one’s own begin where they are told to, with the moment that was chosen', () => {
  const search = searchOfChoice(OWN_TIME, { by: 'completed', since: '1h' }, '2026-01-01T00:00:00.000Z')
  expect(search).toEqual({ by: 'completed', from: '2026-01-01T00:00:00.000Z' })
  expect(choiceOf(search)).toBe(OWN_TIME)
})

test('any time is no filter', () => {
  expect(searchOfChoice(ANY_TIME, { since: '1h' }, '')).toEqual({})
  expect(choiceOf({})).toBe(ANY_TIME)
})
