import { expect, test } from 'vitest'
import { filterOf, idsOf, isClosed, localMoment, momentOf } from './audit-filter.ts'
import { readAuditSearch } from './audit-search.ts'
import { changeRows, fieldName, messagePieces, placeOf, valueText } from './event-words.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

test('the address is read, without what cannot be meant', () => {
  expect(readAuditSearch({ category: 'LoginFailed', span: '2h', event: 'x', from: 'soon', user: ' ' })).toEqual({
    category: 'LoginFailed',
  })
  expect(readAuditSearch({ span: '24h', from: '2026-01-01', event: 'Events-7' })).toEqual({
    span: '24h',
    event: 'Events-7',
  })
})

test('the address means a filter of the API', () => {
  expect(filterOf({}, NOW)).toEqual({})
  expect(filterOf({ event: 'Events-7', user: 'admin' }, NOW)).toEqual({ ids: ['Events-7'] })
  expect(filterOf({ span: '1h', node: 'node-b', regarding: '7', user: 'admin', group: 'Nodes' }, NOW)).toEqual({
    from: '2026-11-23T11:00:00.000Z',
    regarding: ['OctopusServerNodes-node-b'],
    regardingAny: ['ServerTasks-7'],
    users: ['admin'],
    eventGroups: ['Nodes'],
  })
})

test('words mean ids: a number is a task, a name a node or a job', () => {
  expect(idsOf('ServerTasks-3, #4  5')).toEqual(['ServerTasks-3', 'ServerTasks-4', 'ServerTasks-5'])
  expect(idsOf('retention')).toEqual(['OctopusServerNodes-retention', 'ScheduledTasks-retention'])
  expect(idsOf(' , ')).toEqual([])
})

test('a trail that ends in the past, or is one event, gets nothing new', () => {
  expect(isClosed({ to: '2026-11-23T11:00:00Z' }, NOW)).toBe(true)
  expect(isClosed({ to: '2026-11-23T13:00:00Z' }, NOW)).toBe(false)
  expect(isClosed({ event: 'Events-1' }, NOW)).toBe(true)
  expect(isClosed({ span: '1h' }, NOW)).toBe(false)
})

test('moments go into the input and back', () => {
  expect(momentOf(localMoment('2026-11-23T11:05:00.000Z'))).toBe('2026-11-23T11:05:00.000Z')
  expect(localMoment(undefined)).toBe('')
  expect(momentOf('')).toBeUndefined()
})

test('a message is cut where it names documents', () => {
  const event = {
    Message: 'node-a lost ServerTasks-7.',
    MessageReferences: [
      { ReferencedDocumentId: 'ServerTasks-7', StartIndex: 12, Length: 13 },
      { ReferencedDocumentId: 'OctopusServerNodes-node-a', StartIndex: 0, Length: 6 },
    ],
  }
  expect(messagePieces(event)).toEqual([
    { text: 'node-a', id: 'OctopusServerNodes-node-a', at: 0 },
    { text: ' lost ', at: 6 },
    { text: 'ServerTasks-7', id: 'ServerTasks-7', at: 12 },
    { text: '.', at: 25 },
  ])
})

test('changes are told in words', () => {
  const rows = changeRows({
    DocumentContext: null,
    Before: { MaxConcurrentTasks: 5 },
    After: { MaxConcurrentTasks: 3, DrainReason: 'patch' },
    Differences: [
      { op: 'replace', path: '/MaxConcurrentTasks', from: 5, value: 3 },
      { op: 'add', path: '/DrainReason', value: 'patch' },
    ],
  })
  expect(rows).toEqual([
    { path: '/MaxConcurrentTasks', field: 'Task cap', before: '5', after: '3' },
    { path: '/DrainReason', field: 'Drain reason', before: '–', after: 'patch' },
  ])
  expect(fieldName('/Some/LongName')).toBe('Some, long name')
  expect([true, false, null, 0, ['a']].map(valueText)).toEqual(['yes', 'no', '–', '0', '["a"]'])
})

test('documents have their places', () => {
  expect(placeOf('OctopusServerNodes-node-a')).toMatchObject({ page: 'node', name: 'node-a' })
  expect(placeOf('ServerTasks-7')).toMatchObject({ page: 'task', name: 'ServerTasks-7' })
  expect(placeOf('ScheduledTasks-retention')).toMatchObject({ page: 'jobs', name: 'retention' })
  expect(placeOf('Users-1')).toMatchObject({ page: 'none', name: 'Users-1' })
})
