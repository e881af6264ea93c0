import { z } from 'zod'
import { describeLeadership, stepDown } from '../../../cluster/leadership.ts'
import { createOnce, idempotencyKey } from '../../idempotency.ts'
import { operation } from '../../operation.ts'
import { leadershipView } from '../../views/cluster-view.ts'
import { reasonField } from '../nodes/reason-field.ts'

/** `POST /api/leadership/step-down`. */
export const stepDownLeader = operation({
  method: 'POST',
  path: '/leadership/step-down',
  scope: 'server',
  permission: 'ServerNodeEdit',
  summary: 'Makes the leader hand over; it does not stand again for 10 s unless nobody else can',
  body: z.object({ Reason: reasonField() }),
  answers: { 200: 'Who leads now, which may be nobody for a moment.', 409: 'There is no leader.' },
  handle: async ({ body, user, actor, context, request }) => {
    // A request that is repeated because its answer was lost must not depose the next leader as well.
    const repeatable = { userId: user.id, key: idempotencyKey(request), operation: 'step down' }
    await createOnce(context.sql, repeatable, async () => {
      await stepDown(context.sql, actor, body.Reason)
      return 'done'
    })
    return leadershipView(await describeLeadership(context.sql, context.timings))
  },
})
