import type { ApiContext } from '../../context.ts'
import { operation } from '../../operation.ts'
import { queueView } from '../../views/cluster-view.ts'
import { queueSizeOf, readCluster } from '../nodes/read-cluster.ts'

/** The queue as the database has it now. */
export async function readQueue(context: ApiContext) {
  const view = await readCluster(context)
  return queueView(view, await queueSizeOf(view, context))
}

/** `GET /api/queue`. */
export const getQueue = operation({
  method: 'GET',
  path: '/queue',
  scope: 'server',
  permission: 'TaskView',
  summary: 'Whether the queue is paused, and how much waits and runs',
  answers: { 200: 'The state of the queue.' },
  handle: async ({ context }) => readQueue(context),
})
