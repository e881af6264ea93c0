import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { CommandFailure } from '../exit-codes.ts'
import { cliVersion } from '../version.ts'
import type { ClusterSummary, RootResource } from '../wire.ts'

export function declare(command: Command, cli: Cli): void {
  command.action(async () => {
    // A server that is away is an answer here, so nothing is tried again.
    const root = await quietly(cli.api.get<RootResource>('/api', { patienceMs: 0 }))
    if (cli.json) return cli.screen.json(root instanceof CommandFailure ? {} : root)
    const nodes =
      root instanceof CommandFailure
        ? root
        : await quietly(cli.api.get<ClusterSummary>('/api/octopusservernodes/summary', { patienceMs: 0 }))
    cli.screen.properties([
      ['Program', cliVersion()],
      ['Server', root instanceof CommandFailure ? root.message : cli.baseUrl],
      ['Nodes', nodes instanceof CommandFailure ? '' : nodeVersions(nodes)],
      ['API', root instanceof CommandFailure ? '' : `that of Octopus Server ${root.Version}`],
      ['Installation', root instanceof CommandFailure ? '' : root.InstallationId],
    ])
  })
}

async function quietly<T>(answer: Promise<T>): Promise<T | CommandFailure> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CommandFailure) return error
    throw error
  }
}

/** `0.1.0`, or with several versions `0.1.0 (node-a, node-b), 0.2.0 (node-c)`. */
function nodeVersions({ Nodes: nodes }: ClusterSummary): string {
  const names = new Map<string, string[]>()
  for (const { IsOffline: offline, Version: version, Name: name } of nodes) {
    if (!offline) names.set(version ?? 'unknown', [...(names.get(version ?? 'unknown') ?? []), name])
  }
  return [...names].map(([version, group]) => `${version} (${group.join(', ')})`).join(', ')
}
