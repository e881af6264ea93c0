import type { Fitness } from './fitness.ts'
import { nodeId } from './incarnation.ts'
import { isOffline, type NodeFacts, nodeStatus, offlineCause } from './node-state.ts'
import type { Timings } from './timings.ts'
import type { BeatView, ClusterView, DrainView, LeadershipView, NodeView, SilenceJudge } from './view.ts'

/** What the view's statement returns; times inside the JSON lists are ISO texts. */
export interface ViewRow {
  session: string
  read_at: Date
  installation_id: string
  paused: boolean
  pause_reason: string | null
  paused_by: string | null
  paused_at: Date | null
  term: number
  holder_node: string | null
  holder_incarnation: string | null
  since: Date | null
  abstaining: string | null
  abstaining_until: Date | null
  released_because: string | null
  nodes: NodeJson[]
  beats: BeatJson[]
  running: RunningJson[]
  queued: number
  oldest_queued_at: Date | null
}

interface NodeJson {
  name: string
  incarnation: string | null
  url: string | null
  version: string | null
  machine: string | null
  pid: number | null
  registered_at: string
  started_at: string | null
  task_cap: number
  drain_number: number
  drain: DrainJson | null
  modified_at: string
  modified_by: string | null
}

interface DrainJson {
  reason: string | null
  by: string | null
  at: string | null
  deadline: string | null
  cancel: boolean
  undrain_at: string | null
  retire: boolean
}

interface BeatJson {
  incarnation: string
  node: string
  beat: number
  last_seen: string
  presence_key: string
  can_claim: boolean
  fitness: Partial<Fitness>
  goodbye: boolean
  lost: { at: string | null; proven: boolean; cause: string | null } | null
}

interface RunningJson {
  node: string | null
  incarnation: string | null
  running: number
  lease: number
}

/** Makes the view of its row. Pure. */
export function toClusterView(row: ViewRow, timings: Timings, judge: SilenceJudge): ClusterView {
  const beatRows = new Map(row.beats.map((beat) => [beat.incarnation, beat]))
  const present = new Set(row.nodes.map((node) => node.incarnation))
  const running = (matches: (group: RunningJson) => boolean) =>
    row.running.filter(matches).reduce((sum, group) => sum + group.running, 0)
  const nodes = row.nodes.map((node) => {
    const beat = node.incarnation === null ? undefined : beatRows.get(node.incarnation)
    const isSilent =
      beat !== undefined &&
      (judge(beat.incarnation) ?? row.read_at.getTime() - Date.parse(beat.last_seen) >= timings.leaseDurationMs)
    return toNodeView(
      node,
      beat,
      isSilent,
      running((group) => group.node === node.name),
      row,
    )
  })
  const leadership = toLeadershipView(row, nodes)
  return {
    session: row.session,
    readAt: row.read_at,
    installationId: row.installation_id,
    pause: row.paused
      ? { reason: row.pause_reason ?? undefined, by: row.paused_by ?? undefined, since: row.paused_at ?? undefined }
      : undefined,
    leadership,
    nodes: nodes.map((node) => (node.name === leadership.leader ? { ...node, isLeader: true } : node)),
    formerBeats: row.beats.filter((beat) => !present.has(beat.incarnation)).map((beat) => toBeatView(beat, row)),
    running: running(() => true),
    totalTaskCap: nodes.reduce((sum, node) => sum + (node.canClaim ? node.taskCap : 0), 0),
    queuedAtLeast: row.queued,
    oldestQueuedAt: row.oldest_queued_at ?? undefined,
  }
}

function toNodeView(
  node: NodeJson,
  beat: BeatJson | undefined,
  isSilent: boolean,
  running: number,
  row: ViewRow,
): NodeView {
  const fitness = beat && toFitness(beat.fitness)
  const facts: NodeFacts = {
    hasBeatRow: beat !== undefined,
    goodbye: beat?.goodbye ?? false,
    lost: beat !== undefined && beat.lost !== null,
    silent: isSilent,
    hasVitals: fitness !== undefined,
    drain: node.drain !== null,
    running,
  }
  const offline = isOffline(facts)
  const status = nodeStatus(facts)
  return {
    id: nodeId(node.name),
    name: node.name,
    incarnation: node.incarnation ?? undefined,
    status,
    isLeader: false,
    isOffline: offline,
    isSilent,
    offlineSince: offline ? (dateOf(beat?.last_seen) ?? dateOf(node.started_at)) : undefined,
    offlineCause: offlineCause(facts, beat?.lost?.cause ?? undefined),
    url: node.url ?? undefined,
    pingUrl: node.url === null ? undefined : `${node.url.replace(/\/$/, '')}/api/octopusservernodes/ping`,
    version: node.version ?? undefined,
    machine: node.machine ?? undefined,
    pid: node.pid ?? undefined,
    registeredAt: new Date(node.registered_at),
    startedAt: dateOf(node.started_at),
    lastSeen: dateOf(beat?.last_seen),
    taskCap: node.task_cap,
    canClaim: status === 'Online' && beat?.can_claim === true,
    running,
    drain: node.drain ? toDrainView(node.drain, node.drain_number) : undefined,
    drainNumber: node.drain_number,
    fitness,
    modifiedAt: new Date(node.modified_at),
    modifiedBy: node.modified_by ?? undefined,
    beats: beat && toBeatView(beat, row),
  }
}

function toDrainView(drain: DrainJson, number: number): DrainView {
  return {
    number,
    reason: drain.reason ?? undefined,
    by: drain.by ?? undefined,
    since: dateOf(drain.at),
    deadline: dateOf(drain.deadline),
    cancelAtDeadline: drain.cancel,
    undrainAt: dateOf(drain.undrain_at),
    retire: drain.retire,
  }
}

function toBeatView(beat: BeatJson, row: ViewRow): BeatView {
  const groups = row.running.filter((group) => group.incarnation === beat.incarnation)
  return {
    incarnation: beat.incarnation,
    node: beat.node,
    beat: beat.beat,
    lastSeen: new Date(beat.last_seen),
    presenceKey: beat.presence_key,
    goodbye: beat.goodbye,
    lost: beat.lost !== null,
    lostAt: dateOf(beat.lost?.at),
    lostProven: beat.lost?.proven ?? false,
    lostCause: beat.lost?.cause ?? undefined,
    running: groups.reduce((sum, group) => sum + group.running, 0),
    shortestTaskLeaseMs: groups.length === 0 ? undefined : Math.min(...groups.map((group) => group.lease)),
  }
}

/** Who holds the row leads only while others may count on it. */
function toLeadershipView(row: ViewRow, nodes: readonly NodeView[]): LeadershipView {
  const holder =
    row.holder_node === null || row.holder_incarnation === null
      ? undefined
      : { node: row.holder_node, incarnation: row.holder_incarnation }
  const node = holder && nodes.find((candidate) => candidate.incarnation === holder.incarnation)
  const leads = node !== undefined && !node.isOffline && node.drain === undefined
  return {
    term: row.term,
    leader: leads ? node.name : undefined,
    since: leads ? (row.since ?? undefined) : undefined,
    holder,
    abstaining: row.abstaining ?? undefined,
    abstainingUntil: row.abstaining_until ?? undefined,
    releasedBecause: row.released_because ?? undefined,
  }
}

/** A node that has not said anything of itself yet has an empty object there. */
function toFitness(fitness: Partial<Fitness>): Fitness | undefined {
  if (fitness.eventLoopLagMs === undefined) return undefined
  return {
    eventLoopLagMs: fitness.eventLoopLagMs,
    databaseRoundTripMs: fitness.databaseRoundTripMs ?? 0,
    clockDifferenceMs: fitness.clockDifferenceMs ?? 0,
    sharedFolderFreeBytes: fitness.sharedFolderFreeBytes ?? undefined,
    warnings: fitness.warnings ?? [],
  }
}

function dateOf(text: string | null | undefined): Date | undefined {
  return text === null || text === undefined ? undefined : new Date(text)
}
