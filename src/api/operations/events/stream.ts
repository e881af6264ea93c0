import { Refusal } from '../../../lib/errors.ts'
import { operation } from '../../operation.ts'
import { topicsOf } from './review.ts'

/** `GET /api/events/stream`: server-sent events that tell what to look at again. */
export const streamEvents = operation({
  method: 'GET',
  path: '/events/stream',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Live changes as server-sent events',
  description:
    'First `hello` with the name of the node, then `node`, `leadership`, `queue`, `task`, `event`, `schedule`, each with `{ "Ids": [...] }` (empty: many), ' +
    'and `resync` after which everything shown should be read again. A comment line every 15 seconds. The stream ends within ' +
    'seconds of the end of the session or key it was opened with, and when the node stops; come back after `retry`.',
  answers: { 200: 'A `text/event-stream` without end.', 503: 'This node has as many streams as it takes.' },
  timeoutMs: 0,
  handle: async ({ user, context, reply }) => {
    const { streams } = context.live
    if (streams.isFull) {
      throw new Refusal(
        'Unavailable',
        'This node takes no further event stream at present. Try again in a moment, or on another node.',
      )
    }
    reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
    return reply.send(streams.add(user.credential, topicsOf(user.role), context.node.name))
  },
})
