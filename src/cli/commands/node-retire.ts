import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { Deadline } from '../deadline.ts'
import { usageFailure } from '../exit-codes.ts'
import { nodePath } from '../names.ts'
import { waitUntilGone } from '../node-waiting.ts'
import { durationOption, type Moment, momentForApi, momentOption } from '../when.ts'
import type { NodeResource } from '../wire.ts'
import { count } from '../words.ts'

interface RetireOptions {
  readonly reason?: string
  readonly deadline?: Moment
  readonly cancelAtDeadline?: boolean
  readonly confirmLastNode?: boolean
  readonly wait?: boolean
  readonly timeout?: number
}

export function declare(command: Command, cli: Cli): void {
  command
    .argument('<node>', 'name or id of the node')
    .option('--reason <text>', 'why, for everybody who looks')
    .option('--deadline <when>', 'by when it should be drained: 30m, 18:00, 2026-03-01T17:00Z', momentOption)
    .option('--cancel-at-deadline', 'cancel what still runs at the deadline')
    .option('--wait', 'return when its record is gone')
    .option(
      '--timeout <duration>',
      'with --wait: return after this time all the same, with exit code 3',
      durationOption,
    )
    .option('--confirm-last-node', 'retire it although no other node would answer its ping with 200')
    .action((name: string, options: RetireOptions) => retire(cli, name, options))
}

async function retire(cli: Cli, name: string, options: RetireOptions): Promise<void> {
  if (options.timeout !== undefined && !options.wait) throw usageFailure('--timeout is about --wait, which is missing.')
  if (options.cancelAtDeadline && !options.deadline) throw usageFailure('--cancel-at-deadline needs a --deadline.')
  const deadline = new Deadline(cli.clock, options.timeout)
  const node = await cli.api.post<NodeResource>(`${nodePath(name)}/retire`, {
    Reason: options.reason,
    Deadline: options.deadline && momentForApi(options.deadline),
    CancelAtDeadline: options.cancelAtDeadline,
    ConfirmLastNode: options.confirmLastNode,
  })
  if (cli.json) cli.screen.json(node)
  const progress = (line: string) => (cli.json ? cli.screen.note(line) : cli.screen.line(line))
  if (options.wait) {
    await waitUntilGone(cli, node, { drainNumber: node.Drain?.Number ?? 0, deadline, progress })
    progress(`${node.Name}: retired`)
  } else if (!cli.json) {
    const running = node.RunningTaskCount === 0 ? '' : ` once its ${count(node.RunningTaskCount, 'task')} have ended`
    cli.screen.line(`${node.Name} drains, stops and leaves the cluster${running}.`)
  }
}
