import type { StateName } from '../../parts/states.ts'

const LOOKS: Readonly<Record<string, StateName>> = {
  NodeRegistered: 'Online',
  NodeReturned: 'Online',
  NodeStopped: 'Off',
  NodeLost: 'Offline',
  NodeDrainStarted: 'Draining',
  NodeDrained: 'Drained',
  NodeDrainEnded: 'Online',
  LeaderElected: 'Leader',
  LeaderReleased: 'Follower',
}

/** The look of an event of the nodes' time line, by its category. */
export function eventLook(category: string): StateName {
  return LOOKS[category] ?? 'Info'
}
