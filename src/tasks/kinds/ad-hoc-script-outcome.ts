import { constants } from 'node:os'
import { NotStartedError, type Outcome } from '../kind.ts'
import type { ScriptEnd } from '../script/script-process.ts'

/**
 * What the end of a script means for its task. Exit code 0 is success, whatever was written to the standard error; that
 * only sets the task's warnings, since many tools report progress there. Throws NotStartedError when nothing began, and
 * the reason of the signal when the script ended because it was asked to: what that means is the node's to say.
 */
export function outcomeOf(end: ScriptEnd, signal: AbortSignal): Outcome {
  switch (end.how) {
    case 'exited':
      return outcomeOfExit(end.code, end.wroteErrors)
    case 'stopped':
      throw signal.reason
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

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}
