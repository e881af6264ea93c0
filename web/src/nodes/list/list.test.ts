import { expect, test } from 'vitest'
import type { Node } from '../../api/wire.ts'
import { slotsUsed } from '../../parts/slots-used.ts'
import { readNodesSearch } from '../nodes-search.ts'
import { chooseNodes, commonVersion, countNodes } from './choose-nodes.ts'
import { lastOffline } from './last-offline.ts'
import { drainSentences, fitnessOf, troublesOf } from './node-notes.ts'

const NOW = Date.parse('2026-01-02T12:00:00Z')

function node(name: string, more: Partial<Node> = {}): Node {
  const links = { Self: '', Node: '', Details: '', Ping: '', Tasks: '', Drain: '', Undrain: '' }
  return {
    Id: `OctopusServerNodes-${name}`,
    Name: name,
    MaxConcurrentTasks: 5,
    IsInMaintenanceMode: false,
    LastSeen: '2026-01-02T11:59:59.000+00:00',
    IsOffline: false,
    RunningTaskCount: 0,
    Version: '1.0.0',
    Rank: 'Follower',
    IsLeader: false,
    Status: 'Online',
    OfflineSince: null,
    OfflineCause: null,
    Url: null,
    PingUrl: null,
    StartTime: null,
    Incarnation: null,
    CanClaim: true,
    Warnings: [],
    Drain: null,
    Fitness: null,
    LastModifiedOn: '2026-01-01T00:00:00.000+00:00',
    LastModifiedBy: 'system',
    Links: links,
    ...more,
  }
}

const DRAIN = {
  Number: 1,
  Reason: 'New kernel.',
  By: 'admin',
  Since: '2026-01-02T11:58:00.000+00:00',
  Deadline: '2026-01-02T12:15:00.000+00:00',
  CancelAtDeadline: true,
  UndrainAt: '2026-01-02T14:00:00.000+00:00',
  Retire: false,
}
const OFFLINE = { Status: 'Offline', IsOffline: true } as const
const NODES = [
  node('node-10', { RunningTaskCount: 3 }),
  node('node-2', { Status: 'Draining', RunningTaskCount: 1, Drain: DRAIN }),
  node('node-1', { ...OFFLINE, LastSeen: '2026-01-02T10:00:00.000+00:00' }),
  node('old', { ...OFFLINE, LastSeen: '2025-12-24T10:00:00.000+00:00' }),
  node('never', { ...OFFLINE, LastSeen: null }),
]
const names = (nodes: readonly Node[]) => nodes.map(({ Name }) => Name)
const BY_NAME = { by: 'name', direction: 'ascending' } as const

test('recently active is what beats or beat within the last day', () => {
  const counts = countNodes(NODES, NOW)
  expect(counts).toMatchObject({ recent: 3, all: 5, online: 1, draining: 1, drained: 0, offline: 3, starting: 0 })
  expect(names(chooseNodes(NODES, { filter: 'recent', text: '', sort: BY_NAME, now: NOW }))).toEqual([
    'node-1',
    'node-2',
    'node-10',
  ])
})

test('nodes are found by text and sorted by a column, alike ones by name', () => {
  const choose = (by: string, text = '') =>
    names(chooseNodes(NODES, { filter: 'all', text, sort: { by, direction: 'descending' }, now: NOW }))
  expect(choose('tasks')).toEqual(['node-10', 'node-2', 'never', 'node-1', 'old'])
  expect(choose('name', 'NODE')).toEqual(['node-10', 'node-2', 'node-1'])
})

test('the common version is that of most nodes that are there', () => {
  expect(commonVersion([])).toBeUndefined()
  expect(commonVersion([node('a'), node('b', { Version: '1.10.0' })])).toBe('1.10.0')
  expect(commonVersion([node('a'), node('b'), node('c', { Version: '2.0.0' })])).toBe('1.0.0')
  expect(commonVersion([node('a', { ...OFFLINE }), node('c', { Version: '2.0.0' })])).toBe('2.0.0')
})

test('slots of nodes in drain are not counted', () => {
  expect(slotsUsed([node('a', { RunningTaskCount: 3 }), node('b', { RunningTaskCount: 2, CanClaim: false })])).toBe(3)
})

test('fitness counts what is off, and the drain is not', () => {
  expect(fitnessOf(node('a'))).toMatchObject({ word: 'Good' })
  expect(fitnessOf(node('a', { Warnings: ['Its clock is off.'] }))).toMatchObject({
    state: 'Warning',
    word: '1 warning',
  })
  expect(fitnessOf(node('a', OFFLINE))).toBeUndefined()
  const drained = node('a', { Drain: DRAIN, Warnings: ['Its clock is off.', 'It is in drain mode, set by admin.'] })
  expect(troublesOf(drained)).toEqual(['Its clock is off.'])
})

test('a drain says by whom, why, until when, and how it goes on', () => {
  expect(drainSentences(DRAIN, 'Draining', NOW)).toBe(
    'In drain mode, set by admin 2 min ago: New kernel. Deadline in 15 min, then what still runs is cancelled. Takes tasks again in 2 h.',
  )
  expect(drainSentences(DRAIN, 'Drained', NOW)).not.toMatch(/Deadline/)
  expect(drainSentences({ ...DRAIN, UndrainAt: null }, 'Draining', NOW + 3_600_000)).toMatch(/has passed/)
})

test('the address says only what differs from the default', () => {
  expect(readNodesSearch({ show: 'recent', sort: 'nonsense', text: ' ' })).toEqual({})
  expect(readNodesSearch({ show: 'offline', sort: '-tasks', text: 'b' })).toEqual({
    show: 'offline',
    sort: '-tasks',
    text: 'b',
  })
  expect(readNodesSearch({ show: 'every' })).toEqual({})
})

test('what was lost is told of the nodes that went offline last', () => {
  const offline = Array.from({ length: 12 }, (_, index) =>
    node(`node-${index}`, { ...OFFLINE, OfflineSince: new Date(NOW - index * 1000).toISOString() }),
  )
  expect([...lastOffline([node('there'), ...offline.toReversed()])]).toEqual(offline.slice(0, 10).map(({ Id }) => Id))
})
