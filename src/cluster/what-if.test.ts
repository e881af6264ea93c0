import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { age, emptyCluster, join, operator, SLOW } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { editNode } from './drain.ts'
import { tryElect } from './election.ts'
import { describeLeadership } from './leadership.ts'
import { readClusterView } from './view.ts'
import { whatIf } from './what-if.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const NODES = ['node-a', 'node-b', 'node-c', 'node-d']

interface NodePlan {
  state: 'well' | 'silent' | 'stopped' | 'drained' | 'cannot claim'
  cap: 0 | 3
  change: 'none' | 'drain' | 'cap 0' | 'cap 7'
}

const nodePlan = fc.record<NodePlan>({
  state: fc.constantFrom('well', 'well', 'well', 'silent', 'stopped', 'drained', 'cannot claim'),
  cap: fc.constantFrom(3, 3, 0),
  change: fc.constantFrom('none', 'none', 'drain', 'cap 0', 'cap 7'),
})
const plan = fc.record({
  nodes: fc.array(nodePlan, { minLength: 1, maxLength: NODES.length }),
  leader: fc.option(fc.nat(NODES.length - 1)),
  abstaining: fc.option(fc.nat(NODES.length - 1)),
})

test('what is foretold is what the change then brings about, by the elections themselves', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ nodes, leader, abstaining }) => {
      const { sql } = database
      await emptyCluster(sql)
      const incarnations = await prepare(nodes, leader, abstaining)
      const change = {
        drain: new Set(nodes.flatMap((node, at) => (node.change === 'drain' ? nameOf(at) : []))),
        taskCaps: new Map(
          nodes.flatMap(({ change }, at): [string, number][] =>
            change.startsWith('cap') ? [[nameOf(at), change === 'cap 0' ? 0 : 7]] : [],
          ),
        ),
      }
      const foretold = whatIf(await readClusterView(sql, SLOW), change)

      for (const name of change.drain) await editNode(sql, name, { drain: true, confirmLastNode: true }, operator, SLOW)
      for (const [name, taskCap] of change.taskCaps) await editNode(sql, name, { taskCap }, operator, SLOW)

      const after = await readClusterView(sql, SLOW)
      expect(foretold.taskCap).toBe(after.totalTaskCap)
      expect(foretold.staying.map(({ name }) => name)).toEqual(
        after.nodes.filter(({ status }) => status === 'Online').map(({ name }) => name),
      )
      expect(foretold.leaderCandidates).toEqual(await possibleLeaders(incarnations))
    }),
    { numRuns: 60 },
  )
})

function nameOf(at: number): string {
  return NODES[at] ?? ''
}

/** Makes the cluster of the plan; returns the incarnation of each node. */
async function prepare(nodes: readonly NodePlan[], leader: number | null, abstaining: number | null) {
  const { sql } = database
  const incarnations = new Map<string, string>()
  for (const [at, { state, cap }] of nodes.entries()) {
    const { incarnation } = await join(sql, nameOf(at), { taskCap: cap, drained: state === 'drained' })
    incarnations.set(nameOf(at), incarnation)
    if (state === 'cannot claim') await sql`update node_beat set can_claim = false where incarnation = ${incarnation}`
    if (state === 'silent') await age(sql, incarnation, 2 * SLOW.leaseDurationMs)
    if (state === 'stopped') await sql`update node_beat set goodbye = true where incarnation = ${incarnation}`
  }
  const holder = leader === null ? undefined : incarnations.get(nameOf(leader))
  if (leader !== null && holder !== undefined)
    await sql`update leadership set term = 1, node = ${nameOf(leader)}, incarnation = ${holder}, since = clock_timestamp()`
  if (abstaining !== null)
    await sql`update leadership set abstaining = ${nameOf(abstaining)}, abstaining_until = clock_timestamp() + interval '1 hour'`
  return incarnations
}

/** Lets each node stand, one at a time and each as if it were the first; or else who leads. */
async function possibleLeaders(incarnations: ReadonlyMap<string, string>): Promise<string[]> {
  const { sql } = database
  const [seat] = await sql`select * from leadership`
  const winners: string[] = []
  for (const [node, incarnation] of incarnations) {
    const silentHolder = seat?.incarnation ?? undefined
    if ((await tryElect(sql, { node, incarnation, silentHolder }, SLOW)) === undefined) continue
    winners.push(node)
    await sql`update leadership set ${sql(seat ?? {})}`
  }
  if (winners.length > 0) return winners
  const { node } = await describeLeadership(sql, SLOW)
  return node === undefined ? [] : [node]
}
