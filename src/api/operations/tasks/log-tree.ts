import type { Sql } from '../../../database/connect.ts'
import { readLog } from '../../../tasks/log-reader.ts'
import { type AttemptRow, taskAttempts } from '../../../tasks/queries.ts'
import { type TaskRow, taskId } from '../../../tasks/task-row.ts'
import {
  type ActivityEntry,
  type ActivityNode,
  activityEntry,
  activityNode,
  gapEntry,
  statusOfOutcome,
  statusOfTask,
} from '../../views/activity-log.ts'
import { type Range, wantedRanges } from './log-ranges.ts'

/** Which lines of the log a tree shows. */
export interface TreeWish {
  /** Of each attempt the last so many. */
  tail: number | undefined
  /** These lines instead. */
  ranges: readonly Range[] | undefined
}

/** Of each attempt, when nobody says how many; and in the whole tree at most. */
const DEFAULT_TAIL = 5000
const MOST_ENTRIES = 20_000
/** Earlier attempts than so many are shown without their lines. */
const ATTEMPTS_WITH_LINES = 10

/** The log of a task as a tree: the task, and below it its attempts in order, each with its lines. */
export async function readLogTree(sql: Sql, task: TaskRow, wish: TreeWish): Promise<ActivityNode> {
  const [attempts, places] = await Promise.all([taskAttempts(sql, task.id), readPlaces(sql, task.id)])
  const budget = { left: MOST_ENTRIES }
  const nodes: ActivityNode[] = []
  for (const [index, attempt] of [...attempts.entries()].reverse()) {
    const place = places.get(attempt.attempt)
    const isShown = attempts.length - index <= ATTEMPTS_WITH_LINES
    nodes.unshift(
      attemptNode(task, attempt, place ? await readEntries(sql, task.id, place, isShown ? wish : NOTHING, budget) : []),
    )
  }
  const before = places.get(0)
  return activityNode({
    id: taskId(task.id),
    name: task.description || task.kind,
    status: statusOfTask(task.state, task.hasWarnings),
    started: task.startedAt,
    ended: task.completedAt,
    entries: before ? await readEntries(sql, task.id, before, wish, budget) : [],
    children: nodes,
    message: task.cause ?? '',
  })
}

const NOTHING: TreeWish = { tail: 0, ranges: undefined }

function attemptNode(task: TaskRow, attempt: AttemptRow, entries: ActivityEntry[]): ActivityNode {
  const isLast = attempt.attempt === task.attempt
  return activityNode({
    id: `${taskId(task.id)}/${attempt.attempt}`,
    name: `Attempt ${attempt.attempt}${attempt.node === null ? '' : ` on ${attempt.node}`}`,
    status: statusOfOutcome(attempt.outcome, isLast && task.hasWarnings),
    started: attempt.startedAt,
    ended: attempt.endedAt,
    entries,
    children: [],
    message: attempt.cause ?? '',
  })
}

/** Which entries of the log each attempt wrote. */
async function readPlaces(sql: Sql, id: number): Promise<Map<number, Range>> {
  const rows = await sql<(Range & { attempt: number })[]>`
    select attempt, min(first_line) as "from", max(first_line + line_count) as "to" from task_log where task_id = ${id} group by attempt`
  return new Map(rows.map(({ attempt, from, to }) => [attempt, { from, to }]))
}

/** The wanted entries of one attempt, with a gap where some are left out. */
async function readEntries(
  sql: Sql,
  id: number,
  whole: Range,
  wish: TreeWish,
  budget: { left: number },
): Promise<ActivityEntry[]> {
  const tail = Math.min(wish.tail ?? DEFAULT_TAIL, budget.left)
  const entries: ActivityEntry[] = []
  let at = whole.from
  for (const range of wantedRanges(whole, { ranges: wish.ranges, tail })) {
    const take = Math.min(range.to - range.from, budget.left)
    if (take === 0) break
    const page = await readLog(sql, id, { from: range.from, take })
    if (range.from > at) entries.push(gapEntry(at, range.from - 1))
    entries.push(...page.entries.map(activityEntry))
    budget.left -= page.entries.length
    at = page.next
  }
  if (at < whole.to) entries.push(gapEntry(at, whole.to - 1))
  return entries
}
