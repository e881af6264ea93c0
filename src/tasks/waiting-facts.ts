import type { ClusterView } from '../cluster/view.ts'
import type { Sql } from '../database/connect.ts'
import type { KindRegistry } from './kind.ts'
import type { TaskRow } from './task-row.ts'
import type { WaitingFacts, WaitingTask } from './waiting.ts'

/**
 * What `waitingBecause` is told of these tasks: from one view of the cluster and at most one statement, which reads who
 * holds the tags that queued ones among them wait for.
 */
export async function readWaitingFacts(
  sql: Sql,
  view: ClusterView,
  registry: KindRegistry,
  tasks: readonly WaitingTask[],
): Promise<(task: WaitingTask) => WaitingFacts> {
  const holders = await readTagHolders(sql, tasks)
  const shared = {
    now: view.readAt,
    pause: view.pause,
    nodes: view.nodes.map((node) => ({ ...node, isDraining: node.drain !== undefined })),
    hasLeader: view.leadership.leader !== undefined,
  }
  return ({ tag, kind }) => ({
    ...shared,
    tagHolder: tag === null ? undefined : holders.get(tag),
    isKindKnown: registry.find(kind) !== undefined,
  })
}

type TagHolder = Pick<TaskRow, 'id' | 'node'>

async function readTagHolders(sql: Sql, tasks: readonly WaitingTask[]): Promise<Map<string, TagHolder>> {
  const tags = new Set(tasks.flatMap(({ state, tag }) => (state === 'Queued' && tag !== null ? [tag] : [])))
  if (tags.size === 0) return new Map()
  const rows = await sql<(TagHolder & { tag: string })[]>`
    select tag, id, node from task
    where tag = any (${[...tags]}::text[]) and tag is not null and state in ('Executing', 'Cancelling')`
  return new Map(rows.map(({ tag, ...holder }) => [tag, holder]))
}
