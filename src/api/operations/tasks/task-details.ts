import { z } from 'zod'
import { Refusal } from '../../../lib/errors.ts'
import { readLogSize } from '../../../tasks/log-rows.ts'
import { commaList } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { parseRanges, type Range } from './log-ranges.ts'
import { readLogTree, type TreeWish } from './log-tree.ts'
import { taskParams } from './task-params.ts'
import { readTaskRow, viewTasks } from './view-tasks.ts'

/** The query parameters that choose the lines of a log tree. */
export const treeFields = {
  verbose: z.boolean().optional().meta({ description: 'Tako has no verbose lines: the same either way.' }),
  tail: z.int().min(0).optional().meta({ description: 'Of each attempt only the last so many lines.' }),
  ranges: commaList().meta({ description: 'These lines only, such as 0-99,200-299.' }),
}

/** Refuses ranges that are none. */
export function treeWish({ tail, ranges }: { tail?: number | undefined; ranges?: string[] | undefined }): TreeWish {
  return { tail, ranges: ranges && readRanges(ranges) }
}

function readRanges(parts: readonly string[]): Range[] {
  const ranges = parseRanges(parts)
  if (ranges) return ranges
  throw new Refusal('BadRequest', 'ranges must be numbers of lines such as 0-99,200-299, the smaller number first.')
}

/** `GET /api/tasks/{id}/details`. */
export const getTaskDetails = operation({
  method: 'GET',
  path: '/tasks/{id}/details',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'A task with its log as a tree: a node for the task, below it one for each attempt',
  description:
    'Without `tail` and `ranges` the last 5000 lines of each attempt; an entry of the category `Gap` stands for what is left out.',
  params: taskParams,
  query: z.object(treeFields),
  answers: { 200: '`{ Id, Task, ActivityLogs, Progress, PhysicalLogSize, Links }`.', 404: 'There is none of that id.' },
  handle: async ({ params, query, context }) => {
    const wish = treeWish(query)
    const task = await readTaskRow(context, params.id)
    const [[view], tree, size] = await Promise.all([
      viewTasks(context, [task]),
      readLogTree(context.sql, task, wish),
      readLogSize(context.sql, task.id),
    ])
    return {
      Id: `ServerTasks-${task.id}`,
      Task: view,
      ActivityLogs: [tree],
      Progress: { ProgressPercentage: tree.ProgressPercentage, EstimatedTimeRemaining: '' },
      PhysicalLogSize: size.bytes,
      Links: { Self: `/api/tasks/ServerTasks-${task.id}/details` },
    }
  },
})
