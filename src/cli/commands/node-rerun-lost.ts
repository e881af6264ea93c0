import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-codes.ts'
import { nodeName, nodePath, taskId } from '../names.ts'
import { type PastMoment, sinceForApi, sinceOption } from '../since.ts'
import { localTime } from '../time-ago.ts'
import type { RerunLostAnswer } from '../wire.ts'
import { count } from '../words.ts'

interface RerunLostOptions {
  readonly since?: PastMoment
  readonly task?: string[]
}

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--since <when>', 'lost since then: 2h, 17:00, 2026-03-01T17:00Z (default: for a day)', sinceOption)
    .option('--task <tasks...>', 'only these tasks: ServerTasks-12, or 12')
    .addHelpText('after', '\nHowever often it is called, each loss is run again once.')
    .action((name: string, options: RerunLostOptions) => rerunLost(cli, name, options))
}

async function rerunLost(cli: Cli, name: string, { since, task }: RerunLostOptions): Promise<void> {
  const answer = await cli.api.post<RerunLostAnswer>(`${nodePath(name)}/rerun-lost`, {
    Since: since && sinceForApi(since, cli.api.nowMs()),
    TaskIds: task?.map(taskId),
  })
  if (answer.Results.some((result) => result.Refusal !== null)) cli.exitCode = EXIT.failed
  if (cli.json) return cli.screen.json(answer)
  if (answer.Results.length === 0) {
    const when = answer.Since === null ? '' : ` since ${localTime(answer.Since)}`
    return cli.screen.line(`${nodeName(name)} has lost no task${when}.`)
  }
  for (const { TaskId, RerunTaskId, IsNew, Refusal } of answer.Results) {
    const before = IsNew ? '' : ' (before now)'
    cli.screen.text([RerunTaskId ? `${TaskId} runs again as ${RerunTaskId}${before}` : `${TaskId}: ${Refusal}`])
  }
  cli.screen.line(`${count(answer.NewCount, 'task')} queued.`)
}
