import { z } from 'zod'
import { pauseQueue, resumeQueue } from '../../../cluster/pause.ts'
import { operation } from '../../operation.ts'
import { reasonField } from '../nodes/reason-field.ts'
import { readQueue } from './get-queue.ts'

/** `POST /api/queue/pause`. */
export const postPause = operation({
  method: 'POST',
  path: '/queue/pause',
  scope: 'server',
  permission: 'QueuePause',
  summary: 'Pauses the queue of the whole cluster',
  description:
    'Once this has been answered nothing starts on any node; what runs goes on, and the ping of every node stays as it is.',
  body: z.object({ Reason: reasonField() }),
  answers: { 200: 'The state of the queue.' },
  handle: async ({ body, actor, context }) => {
    await pauseQueue(context.sql, actor, body.Reason)
    return readQueue(context)
  },
})

/** `POST /api/queue/resume`. */
export const postResume = operation({
  method: 'POST',
  path: '/queue/resume',
  scope: 'server',
  permission: 'QueuePause',
  summary: 'Lets the queue go on, in its order',
  answers: { 200: 'The state of the queue.' },
  handle: async ({ actor, context }) => {
    await resumeQueue(context.sql, actor)
    return readQueue(context)
  },
})
