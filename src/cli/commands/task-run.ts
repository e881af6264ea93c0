import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { messageOf } from '../../lib/errors.ts'
import type { Cli } from '../cli.ts'
import { usageFailure } from '../exit-codes.ts'
import { readAll } from '../prompt.ts'
import { syntaxOf } from '../script-syntax.ts'
import { concludeFollowing, followTask } from '../task-following.ts'
import { durationForApi, durationOption, type Moment, momentAsDate, momentForApi, momentOption } from '../when.ts'
import type { TaskResource } from '../wire.ts'

interface RunOptions {
  readonly file?: string
  readonly syntax?: string
  readonly arg?: string[]
  readonly env?: [string, string][]
  readonly timeLimit?: number
  readonly expiry?: Moment
  readonly queueTime?: Moment
  readonly priority?: number
  readonly description?: string
  readonly kind?: string
  readonly arguments?: Record<string, unknown>
  readonly follow?: boolean
  readonly timeout?: number
}

const EXAMPLES = `
Prints the id of the task. With --follow it prints the task's output and ends as the
task does: exit code 0 after Success, 1 after anything else.

Examples:
  tako task run 'echo hello; sleep 5' --follow
  tako task run --file backup.sh --arg nightly --env LEVEL=3 --time-limit 30m
  cat report.py | tako task run - --syntax Python
  tako task run --kind SystemIntegrityCheck --follow`

export function declare(command: Command, cli: Cli): void {
  command
    .argument('[script]', 'the script itself, or - to read it from standard input')
    .option('--file <file>', 'read the script from a file (- for standard input)')
    .option('--syntax <name>', 'Bash, Python or PowerShell (default: by the file, its first line, else Bash)')
    .option('--arg <text>', 'an argument of the script; may be repeated', append)
    .option('--env <name=value>', 'an environment variable of the script; may be repeated', appendVariable)
    .option('--time-limit <duration>', 'end it when it has run this long', durationOption)
    .option('--expiry <when>', 'give it up when it has not started by then', momentOption)
    .option('--queue-time <when>', 'not before this time', momentOption)
    .option('--priority <number>', 'higher starts earlier, -100 to 100', integerOption)
    .option('--description <text>', 'what people read in lists')
    .option('--kind <name>', 'a task of another kind, which needs no script')
    .option('--arguments <json>', 'the arguments of that kind', jsonObjectOption)
    .option('--follow', 'print its output until it has ended')
    .option(
      '--timeout <duration>',
      'with --follow: return after this time all the same, with exit code 3',
      durationOption,
    )
    .addHelpText('after', EXAMPLES)
    .action((script: string | undefined, options: RunOptions) => run(cli, script, options))
}

async function run(cli: Cli, script: string | undefined, options: RunOptions): Promise<void> {
  if (options.timeout !== undefined && !options.follow)
    throw usageFailure('--timeout is about --follow, which is missing.')
  const task = await cli.api.post<TaskResource>('/api/tasks', await requestOf(cli, script, options))
  if (!options.follow) {
    if (cli.json) cli.screen.json(task)
    else cli.screen.line(task.Id)
    return
  }
  cli.screen.note(`${task.Id} is queued.`)
  concludeFollowing(cli, await followTask(cli, task.Id, { timeoutMs: options.timeout, json: cli.json }))
}

async function requestOf(cli: Cli, script: string | undefined, options: RunOptions) {
  const now = new Date()
  return {
    ...(await workOf(cli, script, options)),
    Description: options.description,
    TimeLimit: options.timeLimit === undefined ? undefined : durationForApi(options.timeLimit),
    QueueTimeExpiry: options.expiry && momentForApi(options.expiry),
    QueueTime: options.queueTime && momentAsDate(options.queueTime, now).toISOString(),
    Priority: options.priority,
  }
}

async function workOf(cli: Cli, script: string | undefined, options: RunOptions) {
  if (options.kind !== undefined) {
    if (script !== undefined || options.file !== undefined)
      throw usageFailure('--kind takes --arguments and no script.')
    return { Name: options.kind, Arguments: options.arguments ?? {} }
  }
  if (options.arguments)
    throw usageFailure('--arguments is about --kind, which is missing.', 'Arguments of a script: --arg.')
  const body = await scriptOf(cli, script, options.file)
  return {
    Name: 'AdHocScript',
    Arguments: {
      ScriptBody: body,
      Syntax: options.syntax ?? syntaxOf(body, extname(options.file ?? '')),
      TargetType: 'OctopusServer',
      ScriptArguments: options.arg,
      EnvironmentVariables: Object.fromEntries(options.env ?? []),
    },
  }
}

async function scriptOf(cli: Cli, script: string | undefined, file: string | undefined): Promise<string> {
  if (script !== undefined && file !== undefined) throw usageFailure('Give the script or --file, not both.')
  if (script === '-' || file === '-') return await readAll(cli.surroundings.stdin)
  if (script !== undefined) return script
  if (file === undefined)
    throw usageFailure(
      'The script is missing.',
      'Give it as an argument, by --file, or write - to read it from standard input.',
    )
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageFailure(`The file ${file} cannot be read: ${messageOf(error)}.`)
  }
}

function append(value: string, values: readonly string[] = []): string[] {
  return [...values, value]
}

function appendVariable(text: string, variables: readonly [string, string][] = []): [string, string][] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write NAME=value.')
  return [...variables, [text.slice(0, at), text.slice(at + 1)]]
}

function integerOption(text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

function jsonObjectOption(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // told below
  }
  throw new InvalidArgumentError('Write a JSON object, such as {"Name":"value"}.')
}
