import { expect, test } from 'vitest'
import { dueText, overdueWarning, resultOf, spanText, whyNotNow } from './job-row.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

test('a job says when it is due, and by how much it is late', () => {
  expect(dueText({ NextDue: '2026-11-23T15:12:00Z', IsOverdue: false }, NOW)).toBe('in 3 h 12 min')
  expect(dueText({ NextDue: '2026-11-23T11:59:59Z', IsOverdue: false }, NOW)).toBe('due now')
  expect(dueText({ NextDue: '2026-11-23T02:00:00Z', IsOverdue: true }, NOW)).toBe('by 10 h')
})

test('the sentence of a run names its task and whether it went well', () => {
  expect(resultOf('retention runs as ServerTasks-7: Success.')).toEqual({ taskId: 'ServerTasks-7', isBad: false })
  expect(resultOf('retention runs as ServerTasks-8: Failed.')).toEqual({ taskId: 'ServerTasks-8', isBad: true })
  expect(resultOf('something else')).toEqual({ taskId: undefined, isBad: false })
})

test('a job that is under way cannot be run', () => {
  const job = { Name: 'retention', LastTaskId: 'ServerTasks-7' }
  expect(whyNotNow({ ...job, LastResult: 'Executing' })).toContain('ServerTasks-7')
  expect(whyNotNow({ ...job, LastResult: 'Success' })).toBeUndefined()
  expect(whyNotNow({ ...job, LastResult: null })).toBeUndefined()
})

test('spans of the wire are read, and kept when they are none', () => {
  expect(spanText('04:00:00')).toBe('4 h')
  expect(spanText('1.00:00:00')).toBe('1 d')
  expect(spanText('00:00:00.120')).toBe('under 1 s')
  expect(spanText('soon')).toBe('soon')
})

test('overdue jobs are named', () => {
  expect(overdueWarning([{ Name: 'a', IsOverdue: false }])).toBeUndefined()
  expect(overdueWarning([{ Name: 'a', IsOverdue: true }])).toContain('a is overdue')
  expect(
    overdueWarning([
      { Name: 'a', IsOverdue: true },
      { Name: 'b', IsOverdue: true },
    ]),
  ).toContain('a, b are overdue')
})
