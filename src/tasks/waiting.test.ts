import { expect, test } from 'vitest'
import { obstacleOf, type WaitingFacts, type WaitingNode, waitingBecause } from './waiting.ts'

const now = new Date('2026-01-01T12:00:00Z')
const task = { id: 9, state: 'Queued', kind: 'Noop', queueTime: now, leaderOnly: false, tag: null } as const

function node(name: string, more: Partial<WaitingNode> = {}): WaitingNode {
  return { name, isOffline: false, isDraining: false, canClaim: true, taskCap: 5, running: 5, ...more }
}

function facts(more: Partial<WaitingFacts> = {}): WaitingFacts {
  const none = { pause: undefined, tagHolder: undefined }
  return { now, nodes: [node('node-a')], hasLeader: true, isKindKnown: true, ...none, ...more }
}

test('only what is queued waits', () => {
  for (const state of ['Executing', 'Cancelling', 'Success', 'TimedOut'] as const)
    expect(waitingBecause({ ...task, state }, facts())).toBeUndefined()
})

test('each reason is named, with what it is about', () => {
  const offline = node('node-b', { isOffline: true })
  const drained = node('node-c', { isDraining: true, running: 0 })
  const cases: [Partial<WaitingFacts>, string, Partial<typeof task>?][] = [
    [
      { pause: { reason: 'release night', by: 'ann' } },
      'The queue is paused by ann: release night. Nothing starts until it is resumed.',
    ],
    [{ pause: { reason: undefined, by: undefined } }, 'The queue is paused. Nothing starts until it is resumed.'],
    [{ isKindKnown: false }, 'No node that was asked knows the kind Noop: a newer or older version of Tako may.'],
    [{ nodes: [offline] }, 'No node is online.'],
    [{ nodes: [] }, 'No node is online.'],
    [{ nodes: [offline, drained] }, 'Every node that is online is drained (node-c). Undrain one.'],
    [{ nodes: [node('node-a', { canClaim: false })] }, 'No node takes tasks at present (node-a): see their warnings.'],
    [
      { nodes: [node('node-a', { taskCap: 0, running: 0 })] },
      'Every node that takes tasks has a task cap of 0 (node-a). Raise one.',
    ],
    [
      { nodes: [node('node-a'), drained] },
      'All 5 slots are busy (task cap of node-a). node-c is drained. It starts when a task ends.',
    ],
    [
      { nodes: [node('node-a', { running: 9 })] },
      'All 5 slots are busy (task cap of node-a). It starts when a task ends.',
    ],
    [{ nodes: [node('node-a', { running: 3 })] }, 'It starts in a moment: 2 of 5 slots are free.'],
  ]
  for (const [more, sentence] of cases) expect(waitingBecause(task, facts(more))).toBe(sentence)
})

test('a future queue time, a held tag and a missing leader are named', () => {
  const queueTime = new Date(now.getTime() + 90_000)
  expect(waitingBecause({ ...task, queueTime }, facts())).toBe('It is to start at 2026-01-01T12:01:30.000Z, in 1m 30s.')
  const tagged = { ...task, tag: 'production' }
  expect(waitingBecause(tagged, facts({ tagHolder: { id: 7, node: 'node-b' } }))).toBe(
    'ServerTasks-7 on node-b runs with the same concurrency tag (production); one at a time.',
  )
  const free = [node('node-a', { running: 0 })]
  expect(waitingBecause({ ...task, leaderOnly: true }, facts({ hasLeader: false, nodes: free }))).toBe(
    'It runs on the leader only, and no node leads at present.',
  )
})

test('a task never waits for itself', () => {
  const tagged = { ...task, tag: 'production' }
  const nodes = [node('node-a', { running: 0 })]
  expect(waitingBecause(tagged, facts({ nodes, tagHolder: { id: 9, node: 'node-a' } }))).toBe(
    'It starts in a moment: 5 of 5 slots are free.',
  )
})

test('the gravest reason wins', () => {
  const everything = facts({
    pause: { reason: undefined, by: 'ann' },
    nodes: [],
    isKindKnown: false,
    tagHolder: { id: 7, node: null },
    hasLeader: false,
  })
  expect(waitingBecause({ ...task, tag: 'x', leaderOnly: true }, everything)).toContain('paused')
  const { pause: _, ...rest } = everything
  expect(waitingBecause({ ...task, tag: 'x', leaderOnly: true }, { ...rest, pause: undefined })).toContain(
    'knows the kind',
  )
})

test('free slots are no obstacle', () => {
  expect(obstacleOf(task, facts({ nodes: [node('node-a', { running: 0 })] }))).toBeUndefined()
})
