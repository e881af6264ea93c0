import type { Command } from 'commander'
import { HOUR } from '../../lib/clock.ts'
import type { Cli } from '../cli.ts'
import { clusterLines, NODE_COLUMNS, nodeRemarks, nodeRow } from '../node-text.ts'
import type { ClusterSummary, NodeResource } from '../wire.ts'
import { count } from '../words.ts'

/** A node that has been offline for longer is left out of the list unless asked for. */
const RECENT_MS = HOUR

export function declare(command: Command, cli: Cli): void {
  command
    .option('--all', 'also nodes that have been offline for more than an hour')
    .action(async ({ all = false }: { all?: boolean }) => {
      const summary = await cli.api.get<ClusterSummary>('/api/octopusservernodes/summary')
      if (cli.json) cli.screen.json(summary)
      else show(summary, all, cli)
    })
}

function show({ Nodes: nodes, Cluster: cluster }: ClusterSummary, all: boolean, { screen, api }: Cli): void {
  const nowMs = api.nowMs()
  const shown = all ? nodes : nodes.filter((node) => isRecent(node, nowMs))
  if (shown.length > 0)
    screen.table(
      NODE_COLUMNS,
      shown.map((node) => nodeRow(node, nowMs)),
    )
  const hidden = nodes.length - shown.length
  if (nodes.length === 0) screen.line('No node has registered.')
  if (hidden > 0) screen.line(`${count(hidden, 'node')} offline for more than an hour not shown (--all shows them).`)
  screen.line()
  const remarks = shown.flatMap((node) => nodeRemarks(node, nowMs))
  screen.text([...clusterLines(cluster, nodes, nowMs), ...remarks])
}

function isRecent(node: NodeResource, nowMs: number): boolean {
  return !node.IsOffline || (node.LastSeen !== null && nowMs - Date.parse(node.LastSeen) < RECENT_MS)
}
