import { describeLeadership } from '../../../cluster/leadership.ts'
import { operation } from '../../operation.ts'
import { leadershipView } from '../../views/cluster-view.ts'

/** `GET /api/leadership`. */
export const getLeadership = operation({
  method: 'GET',
  path: '/leadership',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'Who leads the cluster, since when, and in which term',
  answers: { 200: '`{ Term, NodeId, NodeName, Since, Links }`, with nulls while nobody leads.' },
  handle: async ({ context }) => leadershipView(await describeLeadership(context.sql, context.timings)),
})
