import { z } from 'zod'
import { whatIf } from '../../../cluster/what-if.ts'
import { Refusal } from '../../../lib/errors.ts'
import { commaList } from '../../fields.ts'
import { operation } from '../../operation.ts'
import { whatIfView } from '../../views/what-if-view.ts'
import { taskCap } from './node-params.ts'
import { nodeOf, queueSizeOf, readCluster } from './read-cluster.ts'

/** `GET /api/octopusservernodes/what-if`: changes nothing. */
export const getWhatIf = operation({
  method: 'GET',
  path: '/octopusservernodes/what-if',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'What the cluster would be if nodes were drained or their task caps changed',
  description:
    'By the rules that elections, claims and drains go by, on the cluster as it is now. Slots are those of nodes that can claim; a node stays when its ping answers 200. When more than one node could lead, `NextLeaderNodeId` is null and `LeaderCandidates` names them.',
  query: z.object({
    drain: commaList().meta({ description: 'Ids or names of nodes, separated by commas.' }),
    cap: commaList().meta({ description: 'Task caps as `node-b:3`, separated by commas.' }),
  }),
  answers: {
    200: '`{ Summary, Nodes, ActiveNodeCount, StayingNodeCount, StayingNodeIds, TotalTaskCap, RemainingTaskCap, QueuedTaskCount, RunningTaskCount, AnyPingAnswers, NeedsConfirmation, LeaderNodeId, NextLeaderNodeId, LeaderCandidates }`.',
    400: 'Neither drain nor cap says what would change.',
    404: 'A node is named that is not there.',
  },
  handle: async ({ query, context }) => {
    const caps = (query.cap ?? []).map(readCap)
    if (!query.drain && caps.length === 0) {
      throw new Refusal('BadRequest', 'Say what would change: drain=node-b, or cap=node-b:3, or several of them.')
    }
    const view = await readCluster(context)
    const nameOf = (node: string) => nodeOf(view, node).name
    const change = {
      drain: new Set(query.drain?.map(nameOf)),
      taskCaps: new Map(caps.map(({ node, cap }) => [nameOf(node), cap])),
    }
    const { queued } = await queueSizeOf(view, context)
    return whatIfView(view, queued, whatIf(view, change))
  },
})

function readCap(text: string): { node: string; cap: number } {
  const [, node = '', number = ''] = /^(.+):(\d{1,9})$/.exec(text) ?? []
  const cap = taskCap.safeParse(Number(number))
  if (node !== '' && cap.success) return { node, cap: cap.data }
  throw new Refusal(
    'BadRequest',
    `cap must be a node and a whole number from 0 to 1000, such as node-b:3, not ${JSON.stringify(text.slice(0, 60))}.`,
  )
}
