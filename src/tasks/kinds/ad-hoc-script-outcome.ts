import { constants } from 'node:os'
import { formatDuration } from '../../lib/duration.ts'
import { AttemptStop, NotStartedError, type Outcome } from '../kind.ts'
import type { ScriptEnd } from '../script/script-process.ts'

/** Why the attempt was stopped, as the reason of its abort signal says; undefined when it was not. */
export interface StopCause {
  readonly stop: AttemptStop | undefined
  readonly timeLimitMs: number | undefined
}

/**
 * What the end of a script means for its task. Exit code 0 is success, whatever was written to the standard error; that
 * only sets the task's warnings, since many tools report progress there. Throws NotStartedError when nothing began, and
 * the stop itself when the node, and not a person or the limit, ended the script.
 */
export function outcomeOf(end: ScriptEnd, { stop, timeLimitMs }: StopCause): Outcome {
  switch (end.how) {
    case 'exited':
      return outcomeOfExit(end.code, end.wroteErrors)
    case 'stopped':
      return outcomeOfStop(stop, timeLimitMs)
    case 'not started':
      throw new NotStartedError(end.cause)
    case 'lease ended':
      return {
        state: 'Failed',
        cause: 'The node had no contact with the database for the whole task lease, so its guard ended the script.',
      }
    case 'guard lost':
      return { state: 'Failed', cause: end.cause }
  }
}

function outcomeOfExit(exitCode: number, hasWarnings: boolean): Outcome {
  if (exitCode === 0) return { state: 'Success', exitCode, hasWarnings }
  const signal = exitCode > 128 ? signalName(exitCode - 128) : undefined
  const meaning = signal ? `, which stands for ${signal}: it, or a program it ran last, was killed` : ''
  return { state: 'Failed', cause: `The script exited with code ${exitCode}${meaning}.`, exitCode, hasWarnings }
}

function outcomeOfStop(stop: AttemptStop | undefined, timeLimitMs: number | undefined): Outcome {
  if (stop?.reason === 'time limit') {
    const limit = timeLimitMs === undefined ? 'its time limit' : `its time limit of ${formatDuration(timeLimitMs)}`
    return { state: 'TimedOut', cause: `The script ran longer than ${limit}.` }
  }
  if (stop === undefined || stop.reason === 'cancel')
    return { state: 'Canceled', cause: stop?.message ?? 'The script was canceled.' }
  throw stop
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}

/** The stop behind an abort signal, if it fired with one. */
export function stopOf(signal: AbortSignal): AttemptStop | undefined {
  return signal.reason instanceof AttemptStop ? signal.reason : undefined
}
