import { nodeId } from '../../cluster/incarnation.ts'
import type { ClusterView } from '../../cluster/view.ts'
import type { WhatIf } from '../../cluster/what-if.ts'

/** `GET /api/octopusservernodes/what-if`. */
export function whatIfView(view: ClusterView, queued: number, after: WhatIf) {
  const leaderNow = view.leadership.leader
  return {
    Summary: summaryOf(view, queued, after),
    Nodes: after.affected.map((node) => ({
      NodeId: node.id,
      NodeName: node.name,
      Status: node.status,
      MaxConcurrentTasks: node.taskCap,
      RunningTaskCount: node.running,
      IsInMaintenanceMode: node.drain !== undefined,
      IsLeader: node.isLeader,
    })),
    ActiveNodeCount: after.activeNow.length,
    StayingNodeCount: after.staying.length,
    StayingNodeIds: after.staying.map(({ id }) => id),
    TotalTaskCap: view.totalTaskCap,
    RemainingTaskCap: after.taskCap,
    QueuedTaskCount: queued,
    RunningTaskCount: after.running,
    AnyPingAnswers: after.staying.length > 0,
    NeedsConfirmation: after.needsConfirmation,
    LeaderNodeId: leaderNow === undefined ? null : nodeId(leaderNow),
    NextLeaderNodeId: after.leader === undefined ? null : nodeId(after.leader),
    LeaderCandidates: after.leaderCandidates.map(nodeId),
  }
}

function summaryOf(view: ClusterView, queued: number, after: WhatIf): string {
  const { activeNow, staying, running } = after
  const names = after.affected.map(({ name }) => name).join(' and ')
  return [
    `${staying.length} of ${activeNow.length} nodes ${staying.length === 1 ? 'stays' : 'stay'}, with ${after.taskCap} of ${view.totalTaskCap} slots.`,
    `${counted(queued, 'task')} ${queued === 1 ? 'is' : 'are'} queued.`,
    ...(running > 0 ? [`${counted(running, 'task')} on ${names} ${running === 1 ? 'goes' : 'go'} on to the end.`] : []),
    leadSentence(view.leadership.leader, after),
    ...(staying.length === 0 ? ['No node would answer its ping with 200.'] : []),
  ].join(' ')
}

function leadSentence(leaderNow: string | undefined, { leader, leaderCandidates }: WhatIf): string {
  if (leader !== undefined) return leader === leaderNow ? `${leader} goes on leading.` : `${leader} would lead.`
  const last = leaderCandidates.at(-1)
  return last === undefined
    ? 'No node would lead.'
    : `${leaderCandidates.slice(0, -1).join(', ')} or ${last} would lead.`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
