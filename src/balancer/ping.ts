import { nodeId } from '../cluster/incarnation.ts'

/** What a node knows of itself without asking anybody: all that a probe's answer is made of. */
export interface PingFacts {
  /** The node's name. */
  name: string
  /** False until the node is registered and its first beat has been accepted. */
  isStarted: boolean
  /** True from the first signal to stop. */
  isStopping: boolean
  /** `lease.isTrusted()`: false after the end of the lease, until the first good beat. */
  isLeaseTrusted: boolean
  /** The node's own drain as it last read it: at once where the request was served, within about a second elsewhere. */
  drain: 'off' | 'draining' | 'drained'
}

/** The status a drained or draining node's ping answers with. */
export type DrainStatus = 418 | 503 | 404

export type PingState = 'Online' | 'Draining' | 'Drained' | 'Offline' | 'Starting' | 'Stopping'

/**
 * The body of every ping, whoever asks: the node's name and its state, and nothing that would help a stranger (no version,
 * address, cap, user or time). Its fields are always all there.
 */
export interface PingBody {
  Id: string
  Name: string
  IsInMaintenanceMode: boolean
  IsOffline: boolean
  Status: PingState
  Links: Record<string, string>
}

export interface PingAnswer {
  status: 200 | DrainStatus
  /** Seconds after which to ask again; only with a 503 that is not a drain's. */
  retryAfterSeconds: number | undefined
  /** The same in words, for people. */
  because: string
  body: PingBody
}

const RETRY_AFTER_SECONDS: Partial<Record<PingState, number>> = { Starting: 1, Offline: 2, Stopping: 10 }

const BECAUSE: Readonly<Record<PingState, string>> = {
  Online: 'This node is online and takes tasks and requests.',
  Draining: 'This node is draining: it starts nothing new and finishes what it runs. Undrain it to get it back.',
  Drained: 'This node is drained: it runs nothing and starts nothing. Undrain it to get it back.',
  Offline: 'This node has had no heartbeat accepted by the database for its lease, so it claims and leads nothing.',
  Starting: 'This node is starting: it is not registered in the cluster yet.',
  Stopping: 'This node is stopping. It still answers requests, but send it no new ones.',
}

/** What the ping answers: 200 exactly when the node is online and not in drain. Gravest first: what cannot work outranks what was asked for. */
export function pingAnswer(facts: PingFacts, drainStatus: DrainStatus = 418): PingAnswer {
  const state = stateOf(facts)
  const isDrain = state === 'Draining' || state === 'Drained'
  return {
    status: state === 'Online' ? 200 : isDrain ? drainStatus : 503,
    retryAfterSeconds: RETRY_AFTER_SECONDS[state],
    because: BECAUSE[state],
    body: {
      Id: nodeId(facts.name),
      Name: facts.name,
      IsInMaintenanceMode: facts.drain !== 'off',
      IsOffline: state === 'Offline' || state === 'Starting',
      Status: state,
      Links: { Self: '/api/octopusservernodes/ping' },
    },
  }
}

function stateOf({ isStarted, isStopping, isLeaseTrusted, drain }: PingFacts): PingState {
  if (isStopping) return 'Stopping'
  if (!isStarted) return 'Starting'
  if (!isLeaseTrusted) return 'Offline'
  if (drain === 'draining') return 'Draining'
  return drain === 'drained' ? 'Drained' : 'Online'
}
