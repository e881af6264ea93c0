import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { usageFailure } from '../exit-codes.ts'
import { LogPrinter, type LogStyle } from '../log-printer.ts'
import { taskId, taskPath } from '../names.ts'
import { concludeFollowing, followTask } from '../task-following.ts'
import { durationOption } from '../when.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { LogPage } from '../wire.ts'

const TAKE = 2000

interface LogOptions {
  readonly follow?: boolean
  readonly tail?: number
  readonly raw?: boolean
  readonly timestamps?: boolean
  readonly timeout?: number
}

const NOTES = `
The script's output goes to standard output; its standard error, and what Tako says of
the task, to standard error. With --follow the command ends as the task does.`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<task>', 'id of the task: ServerTasks-12, or 12')
    .option('--follow', 'go on until the task has ended; its result is the exit code')
    .option('--tail <number>', 'only the last so many lines', wholeNumberOption)
    .option('--timestamps', 'each line with its time')
    .option('--raw', 'the whole log as the server keeps it, as plain text')
    .option(
      '--timeout <duration>',
      'with --follow: return after this time all the same, with exit code 3',
      durationOption,
    )
    .addHelpText('after', NOTES)
    .action((text: string, options: LogOptions) => show(cli, taskId(text), options))
}

async function show(cli: Cli, id: string, options: LogOptions): Promise<void> {
  const { follow, tail, raw, timestamps = false, timeout: timeoutMs } = options
  if (timeoutMs !== undefined && !follow) throw usageFailure('--timeout is about --follow, which is missing.')
  if (raw && (follow || tail !== undefined || timestamps))
    throw usageFailure('--raw goes with no other option of this command.')
  if (raw) await copyRaw(cli, id)
  else if (follow) concludeFollowing(cli, await followTask(cli, id, { tail, timeoutMs, timestamps, json: cli.json }))
  else if (cli.json) cli.screen.json(await wholeLog(cli, id, tail))
  else await printNow(cli, id, tail, { timestamps })
}

async function copyRaw({ api, screen }: Cli, id: string): Promise<void> {
  for await (const chunk of await api.stream(`${taskPath(id)}/raw`)) await screen.write('stdout', chunk)
}

async function printNow(cli: Cli, id: string, tail: number | undefined, style: LogStyle): Promise<void> {
  const printer = new LogPrinter(cli.screen, style)
  for await (const page of pages(cli, id, tail)) await printer.print(page.Lines)
}

/** What the log holds now, answer by answer. */
async function* pages({ api }: Cli, id: string, tail: number | undefined): AsyncGenerator<LogPage> {
  const path = `${taskPath(id)}/log`
  let page = await api.get<LogPage>(path, { query: tail === undefined ? { from: 0, take: TAKE } : { tail } })
  yield page
  while (page.Lines.length > 0 && page.Next < page.TotalLines) {
    page = await api.get<LogPage>(path, { query: { from: page.Next, take: TAKE } })
    yield page
  }
}

/** The answers for parts of the log as one answer of the same form. */
async function wholeLog(cli: Cli, id: string, tail: number | undefined): Promise<LogPage | undefined> {
  let whole: LogPage | undefined
  for await (const page of pages(cli, id, tail)) {
    whole = whole ? { ...page, From: whole.From, Lines: whole.Lines.concat(page.Lines) } : page
  }
  return whole
}
