import { z } from 'zod'
import { nodeId } from '../../../cluster/incarnation.ts'
import { type CurrentUser, userMay } from '../../../identity/current-user.ts'
import { Refusal } from '../../../lib/errors.ts'
import {
  countLostTasks,
  type LostFilter,
  type LostTask,
  listLostTasks,
  type RerunResult,
  rerunLostTasks,
} from '../../../tasks/lost-tasks.ts'
import { taskId } from '../../../tasks/task-row.ts'
import type { ApiContext } from '../../context.ts'
import { wireDateOrNull } from '../../dates.ts'
import { isoDate } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { MOST_CHANGED, taskIds } from '../tasks/task-ids.ts'
import { lostSince } from './lost-since.ts'
import { knownNode } from './lost-tasks.ts'
import { nodeParams } from './node-params.ts'

/** `POST /api/octopusservernodes/{id}/rerun-lost`. */
export const postRerunLost = operation({
  method: 'POST',
  path: '/octopusservernodes/{id}/rerun-lost',
  scope: 'server',
  permission: 'TaskCreate',
  summary: 'Runs again what a node lost, each task once',
  description: `All of the last day unless \`Since\` or \`TaskIds\` says which; at most ${MOST_CHANGED} at once. However often it is asked for, there is one re-run of each loss: asking again answers the same ones with \`IsNew\` false.`,
  params: nodeParams,
  body: z.object({
    Since: isoDate().optional().meta({ description: 'Only what was settled at this time or later.' }),
    TaskIds: taskIds().optional(),
  }),
  answers: {
    200: '`{ NodeId, Since, Results: [{ TaskId, RerunTaskId, IsNew, Refusal }], NewCount }`, in order of the tasks; Refusal is null, or a sentence that says why there is no re-run.',
    400: `More than ${MOST_CHANGED} were lost since then.`,
    404: 'There is none of that id or name, and never was one that lost a task.',
  },
  handle: async ({ params, body, user, actor, context }) => {
    const node = await knownNode(context, params.id)
    const since = body.TaskIds ? body.Since : await lostSince(context.sql, body.Since)
    const lost = await selectLost(context, { node, since, ids: body.TaskIds })
    const refusalOf = (task: LostTask) => refusalFor(user, task, context)
    const parts = { registry: context.kinds, timings: context.timings, refusalOf }
    const results = [
      ...(await rerunLostTasks(context.sql, lost, parts, actor)),
      ...notAmong(lost, body.TaskIds ?? [], node),
    ].sort((a, b) => a.id - b.id)
    return {
      NodeId: nodeId(node),
      Since: wireDateOrNull(since),
      Results: results.map(resultView),
      NewCount: results.filter((result) => 'rerunId' in result && result.isNew).length,
    }
  },
})

/** In the order in which they were queued, in which they are queued again. */
async function selectLost({ sql }: ApiContext, filter: LostFilter): Promise<LostTask[]> {
  const lost = await listLostTasks(sql, filter, { skip: 0, take: MOST_CHANGED + 1 })
  if (lost.length <= MOST_CHANGED) return lost.reverse()
  throw new Refusal(
    'BadRequest',
    `${filter.node} lost ${await countLostTasks(sql, filter)} tasks since then; at most ${MOST_CHANGED} are run again at once. Give a later Since, or TaskIds.`,
  )
}

function refusalFor(user: CurrentUser, task: LostTask, { kinds }: ApiContext): string | undefined {
  const needed = kinds.find(task.kind)?.createPermission
  if (needed === undefined || userMay(user, needed)) return undefined
  return `To run a task of the kind ${task.kind} needs the permission ${needed}, which ${user.username} does not have.`
}

function notAmong(lost: readonly LostTask[], asked: readonly number[], node: string): RerunResult[] {
  const found = new Set(lost.map(({ id }) => id))
  return asked
    .filter((id) => !found.has(id))
    .map((id) => ({ id, refusal: `${taskId(id)} is not among the tasks that ${node} lost.` }))
}

function resultView(result: RerunResult) {
  const TaskId = taskId(result.id)
  return 'refusal' in result
    ? { TaskId, RerunTaskId: null, IsNew: false, Refusal: result.refusal }
    : { TaskId, RerunTaskId: taskId(result.rerunId), IsNew: result.isNew, Refusal: null }
}
