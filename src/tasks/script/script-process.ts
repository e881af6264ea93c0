import { setTimeout as delay } from 'node:timers/promises'
import { bootSeconds } from '../../cluster/lease-file.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { TaskOutput } from '../kind.ts'
import { createCgroup, removeCgroup } from './attempt-cgroup.ts'
import { type AttemptIdentity, attemptMark } from './attempt-mark.ts'
import { type Guard, type GuardEvent, startGuard } from './guard-process.ts'
import { findOnPath } from './interpreters.ts'
import { killAttemptAndGuard } from './kill-attempts.ts'
import { createScriptFolder, type ScriptFiles, type ScriptFolder } from './script-folder.ts'
import { type OutputReader, readFifo } from './script-output.ts'

export interface ScriptOptions extends ScriptFiles {
  readonly attempt: AttemptIdentity
  /** What runs the script's file, as an absolute path with its options. */
  readonly interpreter: readonly string[]
  readonly scriptArguments: readonly string[]
  /** Where the attempt's folder is made. */
  readonly workFolder: string
  /** The heart's lease file: `<boottime seconds> <incarnation>`. */
  readonly leaseFile: string
  readonly taskLeaseMs: number
  /** A moment of `clock.monotonicMs()` after which the script may not begin. */
  readonly startBeforeMs: number
  /** Between SIGTERM and SIGKILL once `signal` has fired. */
  readonly graceMs: number
  readonly signal: AbortSignal
  readonly output: TaskOutput
  readonly clock: Clock
}

/** How a script came to its end. Whatever it was, nothing of the attempt runs any more. */
export type ScriptEnd =
  /** By itself; a signal counts as exit code 128 plus its number, as in every shell. */
  | { readonly how: 'exited'; readonly code: number; readonly wroteErrors: boolean }
  /** Because the abort signal fired before it had ended by itself. */
  | { readonly how: 'stopped' }
  /** It never began: the claim was too old, or the node's lease not trusted. */
  | { readonly how: 'not started'; readonly cause: string }
  /** The guard ended it because the task lease ran out. */
  | { readonly how: 'lease ended' }
  /** Its guard could not be started or was lost. */
  | { readonly how: 'guard lost'; readonly cause: string }

/** How long before the end of the task lease a guard kills: time to wake, and for the kill itself. */
export const GUARD_MARGIN_MS = 1000

const NOT_TRUSTED: ScriptEnd = {
  how: 'not started',
  cause: "The node's lease was not trusted when the script could have begun.",
}

const OUTPUT_WAIT_MS = 1000
const GUARD_WAIT_MS = 500
const REPORT_WAIT_MS = 200

/**
 * Runs a script under a guard, in a session and process group of its own, its output handed to `output` with
 * back-pressure. Never rejects for anything the script or its guard does. It returns within the grace and about a second
 * after the signal has fired.
 */
export async function runScript(options: ScriptOptions): Promise<ScriptEnd> {
  const { attempt, clock, interpreter, scriptArguments, taskLeaseMs } = options
  if (options.signal.aborted) return { how: 'stopped' }
  const startBeforeBootMs = bootSeconds() * SECOND + options.startBeforeMs - clock.monotonicMs()
  const bash = await findOnPath('bash', process.env.PATH ?? '')
  if (bash === undefined)
    return { how: 'guard lost', cause: 'This server has no bash on its PATH, which guards scripts.' }
  const folder = await createScriptFolder(options.workFolder, attempt, options)
  const cgroup = await createCgroup(attempt)
  try {
    const guard = await startGuard({
      bash,
      mark: attemptMark(attempt),
      leaseFile: options.leaseFile,
      trustMs: taskLeaseMs - GUARD_MARGIN_MS,
      startBeforeBootMs,
      folder,
      cgroup,
      command: [...interpreter, folder.scriptFile, ...scriptArguments],
    })
    return await new ScriptRun(guard, folder, options).run()
  } catch (error) {
    await killAttemptAndGuard(attempt)
    return { how: 'guard lost', cause: `The guard of this script could not be started: ${messageOf(error)}.` }
  } finally {
    if (cgroup !== undefined) await removeCgroup(cgroup)
    await folder.remove()
  }
}

/** One script and its guard, from the guard's first word to the last byte of output. */
class ScriptRun {
  readonly #guard: Guard
  readonly #folder: ScriptFolder
  readonly #options: ScriptOptions
  readonly #readers: OutputReader[] = []
  readonly #over: Promise<void>
  #setOver = () => {}
  #group: number | undefined
  #end: ScriptEnd | undefined
  #hasExited = false
  #isStopping = false

  constructor(guard: Guard, folder: ScriptFolder, options: ScriptOptions) {
    this.#guard = guard
    this.#folder = folder
    this.#options = options
    this.#over = new Promise((resolve) => {
      this.#setOver = resolve
    })
  }

  async run(): Promise<ScriptEnd> {
    const { signal } = this.#options
    let stopped: Promise<void> | undefined
    const stop = () => {
      stopped ??= this.#stop()
    }
    const mended = this.#guard.broken.then(() => this.#endIfLost())
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    for await (const event of this.#guard.events) await this.#hear(event)
    signal.removeEventListener('abort', stop)
    this.#setOver()
    this.#guard.cut()
    await Promise.all([stopped, mended])
    if (!this.#hasExited) await this.#killEverything()
    await this.#finishOutput()
    return this.#verdict()
  }

  async #hear(event: GuardEvent): Promise<void> {
    switch (event.type) {
      case 'ready':
        this.#readers.push(
          await readFifo(this.#folder.outputFifo, 'output', this.#options.output),
          await readFifo(this.#folder.errorsFifo, 'error', this.#options.output),
        )
        return this.#guard.go()
      case 'started':
        this.#group = event.group
        if (this.#end?.how === 'not started') this.#end = { how: 'lease ended' }
        return await this.#folder.forgetEnvironment()
      case 'too late':
        return this.#endAs({
          how: 'not started',
          cause: 'The claim was older than a second when the script could have begun.',
        })
      case 'no trust':
        return this.#endAs(NOT_TRUSTED)
      case 'killed lease':
        return this.#endAs(this.#group === undefined ? NOT_TRUSTED : { how: 'lease ended' })
      case 'exit':
        this.#hasExited = true
        return this.#endAs(this.#endOfExit(event.code))
      case 'killed lifeline':
        return
    }
  }

  #endOfExit(code: number): ScriptEnd {
    if (this.#isStopping) return { how: 'stopped' }
    if (this.#group === undefined) return { how: 'guard lost', cause: 'The script could not begin in its folder.' }
    return { how: 'exited', code, wroteErrors: false }
  }

  /** The first reason stands. */
  #endAs(end: ScriptEnd): void {
    this.#end ??= end
  }

  /**
   * SIGTERM, the grace, SIGKILL; then the same without the guard's help, should it be frozen or gone. A script of which
   * nothing is left to be signalled has ended by itself, and its report is on its way.
   */
  async #stop(): Promise<void> {
    if (this.#end) return
    const wasRunning = this.#group !== undefined
    if (wasRunning && !this.#signalGroup('SIGTERM') && (await this.#isOverWithin(GUARD_WAIT_MS))) return
    this.#isStopping = true
    if (wasRunning && (await this.#isOverWithin(this.#options.graceMs))) return
    this.#guard.cut()
    if (!(await this.#isOverWithin(GUARD_WAIT_MS))) await this.#killEverything()
  }

  /** Half a guard is none. In an orderly end its report is on its way, on another descriptor. */
  async #endIfLost(): Promise<void> {
    await this.#isOverWithin(REPORT_WAIT_MS)
    if (this.#hasExited || this.#isStopping) return
    this.#endAs(this.#lost())
    await this.#killEverything()
  }

  async #killEverything(): Promise<void> {
    this.#signalGroup('SIGKILL')
    await killAttemptAndGuard(this.#options.attempt)
  }

  /** True when somebody got the signal. Before the script leads its group there is only its process. */
  #signalGroup(signal: 'SIGTERM' | 'SIGKILL'): boolean {
    if (this.#group === undefined || this.#hasExited) return false
    return sendSignal(-this.#group, signal) || sendSignal(this.#group, signal)
  }

  /** What was written before the end is read to its end, unless something out of reach holds the streams open. */
  async #finishOutput(): Promise<void> {
    const read = Promise.all(this.#readers.map((reader) => reader.done))
    while (!(await isSettledWithin(read, OUTPUT_WAIT_MS))) {
      const isHeldBack = this.#readers.some((reader) => reader.isHeldBack())
      if (isHeldBack && !this.#options.signal.aborted) continue
      for (const reader of this.#readers) reader.giveUp()
    }
  }

  #verdict(): ScriptEnd {
    const end = this.#end ?? (this.#isStopping ? { how: 'stopped' } : this.#lost())
    return end.how === 'exited' ? { ...end, wroteErrors: this.#readers[1]?.sawBytes() ?? false } : end
  }

  #lost(): ScriptEnd {
    const complaint = this.#guard.complaint()
    const cause =
      'The guard of this script was lost (killed from outside, or the machine ran out of memory), so the script was ended.'
    return { how: 'guard lost', cause: complaint === '' ? cause : `${cause} It said: ${complaint}` }
  }

  #isOverWithin(ms: number): Promise<boolean> {
    return isSettledWithin(this.#over, ms)
  }
}

function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal)
  } catch {
    return false
  }
}

async function isSettledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false)
  const isSettled = await Promise.race([promise.then(() => true), late])
  timer.abort()
  return isSettled
}
