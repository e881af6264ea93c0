import { randomUUID } from 'node:crypto'
import type { Incarnation } from '../../src/cluster/incarnation.ts'
import type { Lease } from '../../src/cluster/lease.ts'
import { defaultTimings, type Timings, type WhenLost } from '../../src/cluster/timings.ts'
import { connect, type Sql } from '../../src/database/connect.ts'
import { startHints } from '../../src/database/hints.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { type Log, silentLog } from '../../src/lib/log.ts'
import { CLAIM_SESSION_SETTINGS, type ClaimRequest, claimTasks } from '../../src/tasks/claim.ts'
import { createExecutor, type Executor, type ExecutorDeps } from '../../src/tasks/executor.ts'
import { type AttemptContext, type Kind, KindRegistry, type Outcome } from '../../src/tasks/kind.ts'
import { createTaskOutput } from '../../src/tasks/log-writer.ts'
import type { TestDatabase } from './database.ts'

/** A node's rows, without a process: what claims and sweeps look at. */
export interface NodeRow {
  name: string
  incarnation: string
}

/** Registers a node that can claim and has just beaten. */
export async function addNode(sql: Sql, name: string, cap = 10): Promise<NodeRow> {
  const incarnation = randomUUID()
  await sql`insert into node (name, incarnation, task_cap) values (${name}, ${incarnation}, ${cap})`
  await sql`insert into node_beat (incarnation, node, presence_key, can_claim) values (${incarnation}, ${name}, 1, true)`
  return { name, incarnation }
}

export interface TaskRowWish {
  kind?: string
  whenLost?: WhenLost
  taskLeaseMs?: number
  tag?: string
  leaderOnly?: boolean
  priority?: number
  /** How long ago it joined the queue. */
  ageMs?: number
  expiryMs?: number
}

/** Queues tasks by their rows alone, in one statement; returns their ids in order. */
export async function queueTasks(sql: Sql, count: number, wish: TaskRowWish = {}): Promise<number[]> {
  const { kind = 'Noop', whenLost = 'rerun', taskLeaseMs = 20_000, tag = null, leaderOnly = false } = wish
  const { priority = 0, ageMs = 1000, expiryMs = 86_400_000 } = wish
  const rows = await sql<{ id: number }[]>`
    insert into task (kind, queue_time, queued_since, expiry_ms, expires_at, when_lost, task_lease_ms, tag, leader_only, rank)
    select ${kind}, at, at, ${expiryMs}::bigint, at + ${expiryMs}::bigint * interval '1 ms', ${whenLost}, ${taskLeaseMs}::int, ${tag}::text, ${leaderOnly}::boolean, ${-priority}::int
    from (select clock_timestamp() - ${ageMs}::int * interval '1 ms' as at, generate_series(1, ${count}::int)) as n
    returning id`
  return rows.map(({ id }) => id)
}

/** A session pinned like the one that claims. */
export function openClaimSession(database: TestDatabase, owner: string): Sql {
  return connect(database.url, { purpose: 'claim', owner, max: 1, settings: CLAIM_SESSION_SETTINGS })
}

/** One claim as the node's executor would send it. */
export async function claim(sql: Sql, node: NodeRow, running = 0, more: Partial<ClaimRequest> = {}) {
  return await claimTasks(sql, {
    node: node.name,
    incarnation: node.incarnation,
    session: 0,
    running,
    kinds: ['Noop'],
    leaseDurationMs: 5000,
    shareOut: true,
    ...more,
  })
}

/** A kind that does what the test says, or nothing at all. */
export function makeKind(
  run: (context: AttemptContext) => Promise<Outcome> = async () => ({ state: 'Success' }),
  more: Partial<Kind> = {},
): Kind {
  return {
    name: 'Noop',
    title: 'Does what a test says',
    scope: 'space',
    runsOn: 'any node',
    whenLost: 'rerun',
    createPermission: 'TaskCreate',
    parse: (input) => input,
    describe: () => 'nothing',
    run,
    ...more,
  }
}

/** A node that runs tasks in this process: the real executor on real sessions, with a lease that the test decides. */
export interface TestExecutor extends Executor {
  node: NodeRow
  lease: { trusted: boolean; lastBeatSentMs: number }
  /** Ends the incarnation, as the heart does. */
  lose(reason?: string): void
  close(): Promise<void>
}

export interface TestExecutorOptions {
  name?: string
  cap?: number
  kinds?: readonly Kind[]
  timings?: Partial<Timings>
  isLeader?: boolean
  log?: Log
  /** Wraps the sessions, such as to lose an answer. */
  wrap?: (sql: Sql, purpose: 'claim' | 'write') => Sql
  deps?: Partial<ExecutorDeps>
  /** The rows of a node that is there already. */
  node?: NodeRow
}

export async function startTestExecutor(
  database: TestDatabase,
  options: TestExecutorOptions = {},
): Promise<TestExecutor> {
  const { name = 'node-a', cap = 10, kinds = [makeKind()], isLeader = false, log = silentLog } = options
  const node = options.node ?? (await addNode(database.sql, name, cap))
  const wrap = options.wrap ?? ((sql: Sql) => sql)
  const claimSql = openClaimSession(database, node.name)
  const writeSql = connect(database.url, {
    purpose: 'write',
    owner: node.name,
    max: 2,
    settings: CLAIM_SESSION_SETTINGS,
  })
  const listener = connect(database.url, { purpose: 'hints', owner: node.name, max: 1 })
  const hints = await startHints(listener)
  const life = new AbortController()
  const stopper = new AbortController()
  const lease = { trusted: true, lastBeatSentMs: systemClock.monotonicMs() }
  const incarnation: Incarnation = { node: node.name, id: node.incarnation, presenceKey: '1', ended: life.signal }
  const executor = createExecutor({
    sql: wrap(claimSql, 'claim'),
    write: wrap(writeSql, 'write'),
    registry: new KindRegistry(kinds),
    timings: { ...defaultTimings, ...options.timings },
    incarnation,
    lease: {
      isTrusted: () => lease.trusted,
      lastBeatSentMs: () => lease.lastBeatSentMs,
      leaseFile: '/nowhere',
    } satisfies Lease,
    isLeader: () => isLeader,
    createOutput: (owner) => createTaskOutput({ sql: writeSql, clock: systemClock, log }, owner),
    clock: systemClock,
    log,
    hints,
    ...options.deps,
  })
  executor.start(stopper.signal)
  return Object.assign(executor, {
    node,
    lease,
    lose: (reason = 'a test ended it') => life.abort(new Error(reason)),
    async close() {
      executor.stopClaiming()
      await executor.handBackUnstarted()
      stopper.abort()
      await hints.stop()
      await Promise.all([claimSql, writeSql, listener].map((sql) => sql.end({ timeout: 1 })))
    },
  })
}

/** Asks until the answer satisfies, for at most ten seconds. */
export async function until<T>(what: string, ask: () => Promise<T> | T, satisfies: (answer: T) => boolean): Promise<T> {
  const endMs = systemClock.monotonicMs() + 10_000
  for (;;) {
    const answer = await ask()
    if (satisfies(answer)) return answer
    if (systemClock.monotonicMs() > endMs)
      throw new Error(`${what} did not come about; last: ${JSON.stringify(answer)}`)
    await systemClock.sleep(10)
  }
}
