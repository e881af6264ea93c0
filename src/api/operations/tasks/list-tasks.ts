import { z } from 'zod'
import type { TaskState } from '../../../tasks/kind.ts'
import { isFinal, listTasks, type TaskFilter } from '../../../tasks/queries.ts'
import { TASK_STATES } from '../../../tasks/task-row.ts'
import type { ApiContext } from '../../context.ts'
import { paging } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { type CountsByState, countTasks } from './count-tasks.ts'
import { readTaskFilter, taskFilterFields } from './task-filter.ts'
import { viewTasks } from './view-tasks.ts'

/** However many are asked for, a page holds at most this many tasks, since each is one or two kilobytes. */
const MOST_TASKS = 5000

/** `GET /api/tasks`. */
export const getTasks = operation({
  method: 'GET',
  path: '/tasks',
  scope: 'mixed',
  permission: 'TaskView',
  summary: 'Tasks, newest first',
  description:
    'All filters hold together. `TotalCounts` counts by state what the other filters leave, whatever `states`, `running` and `active` say; ' +
    'counts of many tasks may be 2 s old. Arguments of more than 4 kB are left out here.',
  query: z.object({ ...paging, ...taskFilterFields }),
  answers: { 200: 'A collection of tasks with `TotalCounts`.', 400: 'A state there is not, or a date that is none.' },
  handle: async ({ query, space, context, request }) => {
    const filter = readTaskFilter(query, space)
    const take = Math.min(query.take, MOST_TASKS)
    const counts = filter ? await countStates(context, filter) : {}
    const counted = filter ? sumOf(counts, filter) : 0
    const skip = query.ids && query.skip >= counted ? 0 : query.skip
    const tasks = filter ? await listTasks(context.sql, filter, { skip, take }) : []
    const page = collection({
      itemType: 'Task',
      items: await viewTasks(context, tasks),
      total: Math.max(counted, tasks.length === 0 ? 0 : skip + tasks.length),
      skip,
      take,
      path: space === undefined ? '/api/tasks' : `/api/${space}/tasks`,
      query: request.query as Record<string, unknown>,
    })
    return {
      ...page,
      TotalCounts: Object.fromEntries(TASK_STATES.map((state) => [state, counts[state] ?? 0])),
      TotalCountsInOtherSpaces: {},
    }
  },
})

/** `GET /api/tasks/all`. */
export const getAllTasks = operation({
  method: 'GET',
  path: '/tasks/all',
  scope: 'mixed',
  permission: 'TaskView',
  summary: `The newest ${MOST_TASKS} tasks as a bare list`,
  answers: { 200: 'An array of tasks.' },
  handle: async ({ space, context }) => {
    const filter = space === undefined ? {} : { spaces: [space] }
    return viewTasks(context, await listTasks(context.sql, filter, { skip: 0, take: MOST_TASKS }))
  },
})

function countStates({ live, sql }: ApiContext, filter: TaskFilter): Promise<CountsByState> {
  const { states: _states, running: _running, active: _active, ...others } = filter
  return live.taskCounts.read(JSON.stringify(others), () => countTasks(sql, others))
}

/** How many of the counted tasks are in a state that the filter lets through. */
function sumOf(counts: CountsByState, { states, running, active }: TaskFilter): number {
  const passes = (state: TaskState) =>
    (states?.includes(state) ?? true) &&
    (running ?? isRunning(state)) === isRunning(state) &&
    (active ?? !isFinal(state)) === !isFinal(state)
  return TASK_STATES.filter(passes).reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

function isRunning(state: TaskState): boolean {
  return state === 'Executing' || state === 'Cancelling'
}
