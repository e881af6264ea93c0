import { isAbort } from '../lib/errors.ts'
import type { Cli } from './cli.ts'
import { Deadline } from './deadline.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { LogPrinter, type LogStyle } from './log-printer.ts'
import { taskPath } from './names.ts'
import { ask, canAsk } from './prompt.ts'
import { outcomeLine, stateLine } from './task-text.ts'
import type { CallOptions } from './transport.ts'
import type { LogPage, TaskResource } from './wire.ts'

/** Entries in one answer. */
const TAKE = 2000
/** How long the server holds an answer while there is nothing new; shorter while it may have a new reason for waiting. */
const HOLD_SECONDS = 20
const HOLD_QUEUED_SECONDS = 2

export interface FollowOptions extends LogStyle {
  /** Begin with the last so many entries. */
  readonly tail?: number | undefined
  readonly timeoutMs?: number | undefined
}

/** What of the log has been shown: carries on from there whatever happens to the node that answered. */
interface Position {
  next: number
  tail: number | undefined
  state: string
  told: string
}

/**
 * Shows the log of a task as it grows, until the task has ended, and resolves to the task. Ctrl-C asks whether to cancel
 * it, or leaves it running: the CommandFailure then says so, as it does when `timeoutMs` has passed.
 */
export async function followTask(cli: Cli, id: string, options: FollowOptions): Promise<TaskResource> {
  const deadline = new Deadline(cli.clock, options.timeoutMs)
  const position: Position = { next: 0, tail: options.tail, state: '', told: '' }
  const printer = new LogPrinter(cli.screen, options)
  const meanwhile = () => `${id} is ${position.state || 'not ended'} and goes on.`
  for (;;) {
    const interruption = new AbortController()
    const interrupt = () => interruption.abort()
    process.once('SIGINT', interrupt)
    try {
      return await deadline.within((call) => {
        const signal = AbortSignal.any([interruption.signal, ...(call.signal ? [call.signal] : [])])
        return readToEnd(cli, id, position, printer, { ...call, signal })
      }, meanwhile)
    } catch (error) {
      if (!interruption.signal.aborted || !isAbort(error)) throw error
    } finally {
      process.off('SIGINT', interrupt)
    }
    await cancelOrDetach(cli, id)
  }
}

async function readToEnd(
  cli: Cli,
  id: string,
  position: Position,
  printer: LogPrinter,
  call: CallOptions,
): Promise<TaskResource> {
  for (;;) {
    if (position.state === '' || position.state === 'Queued') await tellWhyItWaits(cli, id, position, call)
    const page = await readPage(cli, id, position, call)
    // Never an entry twice, whoever answers.
    const fresh = page.Lines.filter((entry) => entry.Number >= position.next)
    position.next = Math.max(position.next, page.Next)
    position.tail = undefined
    position.state = page.State
    await printer.print(fresh)
    if (page.IsCompleted) return await cli.api.get<TaskResource>(taskPath(id), call)
  }
}

function readPage(cli: Cli, id: string, position: Position, call: CallOptions): Promise<LogPage> {
  const wait = position.state === 'Queued' ? HOLD_QUEUED_SECONDS : HOLD_SECONDS
  const query = position.tail === undefined ? { from: position.next, take: TAKE, wait } : { tail: position.tail }
  return cli.api.get<LogPage>(`${taskPath(id)}/log`, { ...call, query, holdMs: wait * 1000 })
}

async function tellWhyItWaits(cli: Cli, id: string, position: Position, call: CallOptions): Promise<void> {
  const task = await cli.api.get<TaskResource>(taskPath(id), call)
  position.state = task.State
  const line = stateLine(task)
  if (task.WaitingBecause && line !== position.told) cli.screen.note(line)
  position.told = line
}

/** Cancels the task when the person says so; otherwise throws the failure that ends the command and leaves the task alone. */
async function cancelOrDetach(cli: Cli, id: string): Promise<void> {
  if (canAsk(cli.surroundings)) {
    const answer = await ask(cli.surroundings, `\n${id} goes on running. Cancel it? [y/N] `).catch(() => '')
    if (/^y(es)?$/i.test(answer.trim())) {
      await cli.api.post(`${taskPath(id)}/cancel`)
      return
    }
  }
  const hint = `Follow it again with "tako task log ${id} --follow", end it with "tako task cancel ${id}".`
  throw new CommandFailure(EXIT.interrupted, `${id} goes on without you.`, { hint })
}

/** Says how the task ended, and makes that the command's exit code. */
export function concludeFollowing(cli: Cli, task: TaskResource): void {
  cli.screen.note(outcomeLine(task, cli.api.nowMs()))
  if (!task.FinishedSuccessfully) cli.exitCode = EXIT.failed
}
