import { expect, test } from 'vitest'
import { readTaskPageSearch } from '../task-page-search.ts'
import { argumentBlocks } from './argument-blocks.ts'
import { lookOfAttempt } from './attempt-look.ts'
import { lineTime, sinceText } from './log-times.ts'

test('the address names a line, a search and how times are shown; nonsense is left out', () => {
  expect(readTaskPageSearch({ line: '123', find: 'error', times: 'relative' })).toEqual({
    line: 123,
    find: 'error',
    times: 'relative',
  })
  expect(readTaskPageSearch({ line: '0', find: ' ', times: 'sometimes' })).toEqual({})
})

test('arguments are shown by name, the short ones apart, without those that are empty', () => {
  const shown = argumentBlocks({
    ScriptBody: 'echo a\necho b',
    Syntax: 'Bash',
    ScriptArguments: ['one', 'two'],
    EnvironmentVariables: { STAGE: 'test' },
    TargetType: '',
    Nothing: {},
    Count: 3,
  })
  expect(shown).toEqual([
    { name: 'Script body', text: 'echo a\necho b', isShort: false },
    { name: 'Syntax', text: 'Bash', isShort: true },
    { name: 'Script arguments', text: 'one\ntwo', isShort: false },
    { name: 'Environment variables', text: 'STAGE=test', isShort: true },
    { name: 'Count', text: '3', isShort: true },
  ])
})

test('an attempt without an outcome still runs', () => {
  expect(lookOfAttempt(null)).toEqual({ state: 'Executing', word: 'Running' })
  expect(lookOfAttempt('HandedBack')).toEqual({ state: 'Info', word: 'Handed back' })
  expect(lookOfAttempt('Canceled')).toEqual({ state: 'Canceled', word: 'Cancelled' })
  expect(lookOfAttempt('Unheard')).toEqual({ state: 'Info', word: 'Unheard' })
})

test('times since the start have an even width', () => {
  expect(sinceText(-5)).toBe('+0:00.000')
  expect(sinceText(65_250)).toBe('+1:05.250')
  expect(sinceText(3_725_001)).toBe('+1:02:05.001')
  expect(lineTime('2026-01-01T00:00:07.500+00:00', 'relative', Date.parse('2026-01-01T00:00:00Z'))).toBe('+0:07.500')
  expect(lineTime('2026-01-01T00:00:07.500+00:00', 'relative', undefined)).toBe('')
})
