import type { LocalCluster } from './local-cluster.ts'
import { comebackCommand } from './node-settings.ts'
import { shownPath } from './up-folder.ts'

/** What the operator needs to know of a cluster that is ready. */
export function describeCluster({ address, adminUsername, adminPassword, folder, nodes }: LocalCluster): string {
  const first = nodes[0]
  const rows = [
    ['address', address],
    ['user', adminUsername],
    ['password', `${adminPassword}   (as first set up; kept in ${shownPath(folder.adminPasswordFile)})`],
    ...nodes.map(({ name, url }) => [name, url]),
    ['logs', shownPath(folder.logs)],
  ]
  return [
    '',
    ...rows.map(([label = '', value]) => `  ${label.padEnd(10)}${value}`),
    '',
    'Ctrl-C stops everything in order.',
    ...(first
      ? [
          `A node that was ended alone comes back with, for example: ${comebackCommand(shownPath(folder.envOf(first.name)), first.settings)}`,
        ]
      : []),
    '',
  ].join('\n')
}
