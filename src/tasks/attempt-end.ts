import type { WhenLost } from '../cluster/timings.ts'
import { formatDuration } from '../lib/duration.ts'
import { isAbort, messageOf } from '../lib/errors.ts'
import { AttemptStop, type FinalState, type Kind, NotStartedError, type Outcome, type StopReason } from './kind.ts'
import type { RunningAttempt } from './running-attempt.ts'

/** How an attempt's run came back: with an outcome, or by throwing. */
export type RunResult = { outcome: Outcome } | { error: unknown }

/** What is to be written when an attempt is over. */
export type AttemptEnd =
  /** The task ends. `stopped`: because it was asked to, so that a cancel that was answered meanwhile prevails. */
  | {
      do: 'end'
      state: FinalState
      stopped: boolean
      cause: string | undefined
      exitCode: number | undefined
      hasWarnings: boolean
    }
  /** The task goes back to the queue and keeps its place. */
  | { do: 'return'; outcome: ReturnOutcome; cause: string }
  /** Nothing: the attempt is not this node's any more. */
  | { do: 'drop' }

/** How an attempt that went back to the queue is told of in the list of attempts. */
export type ReturnOutcome = 'NotStarted' | 'HandedBack'

export interface AttemptFacts {
  /** Why the attempt was asked to stop, if it was. */
  stop: AttemptStop | undefined
  whenLost: WhenLost
  timeLimitMs: number | undefined
}

/**
 * What the end of a run means for its task. A run that ended by itself keeps its outcome, whatever it was asked meanwhile;
 * one that stopped because it was asked ends as the asker meant it.
 */
export function endOf(result: RunResult, facts: AttemptFacts): AttemptEnd {
  if ('outcome' in result) {
    if (result.outcome.state === 'Canceled') return endOfStop(facts, result.outcome)
    return { do: 'end', stopped: false, ...fieldsOf(result.outcome) }
  }
  const { error } = result
  if (error instanceof NotStartedError) return { do: 'return', outcome: 'NotStarted', cause: error.message }
  if (error instanceof AttemptStop) return endOfStop({ ...facts, stop: facts.stop ?? error }, undefined)
  if (facts.stop !== undefined && (isAbort(error) || facts.stop.reason === 'lost')) return endOfStop(facts, undefined)
  return {
    do: 'end',
    stopped: false,
    ...fieldsOf({ state: 'Failed', cause: `It ended with an error: ${messageOf(error)}` }),
  }
}

function endOfStop({ stop, whenLost, timeLimitMs }: AttemptFacts, outcome: Outcome | undefined): AttemptEnd {
  const end = (state: FinalState, cause: string | undefined): AttemptEnd => ({
    do: 'end',
    stopped: true,
    ...fieldsOf({ ...outcome, state, ...(cause === undefined ? {} : { cause }) }),
  })
  switch (stop?.reason) {
    case undefined:
      return end('Canceled', outcome?.cause ?? 'It ended as canceled without having been asked to stop.')
    case 'cancel':
    case 'drain deadline':
      return end('Canceled', outcome?.cause ?? stop?.message)
    case 'time limit':
      return end(
        'TimedOut',
        timeLimitMs === undefined
          ? 'It ran longer than its time limit.'
          : `It ran longer than its time limit of ${formatDuration(timeLimitMs)}.`,
      )
    case 'node stopping':
    case 'lease ending': {
      const cause = stop?.message ?? ''
      return whenLost === 'fail' ? end('Failed', cause) : { do: 'return', outcome: 'HandedBack', cause }
    }
    case 'lost':
      return { do: 'drop' }
  }
}

function fieldsOf({ state, cause, exitCode, hasWarnings = false }: Outcome) {
  return { state, cause, exitCode, hasWarnings }
}

/** Runs an attempt by its kind. Never rejects, nor throws. */
export async function runKind(kind: Kind | undefined, attempt: RunningAttempt): Promise<RunResult> {
  try {
    if (!kind) throw new Error(`This node does not know the kind ${attempt.kind}.`)
    return { outcome: await kind.run(attempt) }
  } catch (error) {
    const isOrderly = error instanceof AttemptStop || error instanceof NotStartedError || isAbort(error)
    if (!isOrderly)
      attempt.log.warn({ err: error, task: attempt.taskId, kind: attempt.kind }, 'a task ended with an error')
    return { error }
  }
}

/** Why a node stops attempts, in words for the operator. */
export function stopMessage(reason: StopReason, node: string): string {
  switch (reason) {
    case 'cancel':
      return 'Cancelled.'
    case 'time limit':
      return 'Its time limit has run out.'
    case 'node stopping':
      return `${node} was stopped while it ran.`
    case 'lease ending':
      return `${node} stopped it, having had no contact with the database for almost the whole task lease.`
    case 'lost':
      return `The attempt is not ${node}’s any more.`
    case 'drain deadline':
      return `Cancelled at the deadline of the drain of ${node}.`
  }
}
