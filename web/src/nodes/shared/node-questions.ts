import type { Node } from '../../api/wire.ts'
import type { Question } from '../../parts/confirm-store.ts'

/** What decides what can be done with a node. */
export type ActingNode = Pick<Node, 'Id' | 'Name' | 'Status' | 'IsLeader' | 'IsOffline' | 'Drain' | 'RunningTaskCount'>

/** Why it cannot be deleted now, as a sentence; undefined when it can. */
export function whyNoDelete(node: ActingNode): string | undefined {
  if (!node.IsOffline) return `${node.Name} is not offline. Stop or retire it first.`
  if (node.RunningTaskCount > 0) return `Not settled yet: ${tasks(node.RunningTaskCount)} of ${node.Name}.`
  return undefined
}

/** Why it cannot be declared dead now. */
export function whyNoDeath(node: ActingNode): string | undefined {
  if (!node.IsOffline) return `${node.Name} beats. Only a silent node can be declared dead.`
  return undefined
}

/** Why it cannot be retired now. */
export function whyNoRetire(node: ActingNode): string | undefined {
  if (node.IsOffline) return `${node.Name} is offline. Delete it instead.`
  if (node.Drain?.Retire) return `${node.Name} retires already.`
  return undefined
}

export function stepDownQuestion(node: ActingNode): Question {
  return {
    title: `Have ${node.Name} step down?`,
    body: `${node.Name} gives up the lead and another node takes it within seconds. Running tasks go on.`,
    action: 'Step down',
  }
}

export function deleteQuestion(node: ActingNode): Question {
  return {
    title: `Delete ${node.Name}?`,
    body: `${node.Name} leaves the list of nodes. Its tasks and their history stay. A node that starts under this name later takes over its task cap and drain.`,
    action: `Delete ${node.Name}`,
    isDangerous: true,
  }
}

export function retireQuestion(node: ActingNode): Question {
  const runs = node.RunningTaskCount
  return {
    title: `Retire ${node.Name}?`,
    body: `${node.Name} takes no more tasks${runs > 0 ? `, ends the ${tasks(runs)} that it runs` : ''}, stops its process, and leaves the cluster. Undraining it before calls this off.`,
    action: `Retire ${node.Name}`,
    isDangerous: true,
  }
}

export function declareDeadQuestion(node: ActingNode): Question {
  const runs = node.RunningTaskCount
  return {
    title: `Declare ${node.Name} dead?`,
    body: `You give your word that ${node.Name} is off. ${runs > 0 ? `The ${tasks(runs)} it ran are settled at once.` : 'What it ran is settled at once.'} If it is alive after all, its tasks may run twice.`,
    action: 'Declare dead',
    isDangerous: true,
    typeToConfirm: node.Name,
  }
}

function tasks(count: number): string {
  return `${count} ${count === 1 ? 'task' : 'tasks'}`
}
