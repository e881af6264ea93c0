import { useMemo } from 'react'
import type { Node } from '../../api/wire.ts'
import { type Column, DataTable, type Selection } from '../../parts/data-table.tsx'
import { NoMatch } from '../../parts/load-states.tsx'
import type { Sort } from '../../parts/sort.ts'
import { TimeAgo } from '../../parts/time-ago.tsx'
import {
  CapCell,
  DrainCell,
  FitnessCell,
  MenuCell,
  NameCell,
  RankCell,
  StatusCell,
  TasksCell,
  VersionCell,
} from './cells.tsx'
import { lastOffline } from './last-offline.ts'
import { noteOf } from './node-note.tsx'
import { useGrowing } from './use-growing.ts'

function columnsOf(common: string | undefined): readonly Column<Node>[] {
  return [
    { id: 'name', header: 'Name', isMain: true, isSortable: true, cell: (node) => <NameCell node={node} /> },
    { id: 'rank', header: 'Rank', isSortable: true, cell: (node) => <RankCell node={node} /> },
    { id: 'status', header: 'Status', isSortable: true, cell: (node) => <StatusCell node={node} /> },
    { id: 'seen', header: 'Last seen', isSortable: true, cell: (node) => <TimeAgo date={node.LastSeen} /> },
    { id: 'tasks', header: 'Tasks', isSortable: true, cell: (node) => <TasksCell node={node} /> },
    { id: 'cap', header: 'Task cap', isSortable: true, cell: (node) => <CapCell node={node} /> },
    { id: 'drain', header: 'Drain', cell: (node) => <DrainCell node={node} /> },
    {
      id: 'version',
      header: 'Version',
      isSortable: true,
      hideBelow: 'wide',
      cell: (node) => <VersionCell node={node} common={common} />,
    },
    { id: 'fitness', header: 'Fitness', cell: (node) => <FitnessCell node={node} /> },
    {
      id: 'menu',
      header: 'Actions',
      isHeaderHidden: true,
      width: '3rem',
      align: 'end',
      cell: (node) => <MenuCell node={node} />,
    },
  ]
}

const idOf = (node: Node) => node.Id

function toneOf(node: Node): 'red' | 'amber' | undefined {
  if (node.IsOffline) return 'red'
  return node.Status === 'Draining' ? 'amber' : undefined
}

export interface NodesTableProps {
  nodes: readonly Node[]
  commonVersion: string | undefined
  sort: Sort
  onSort: (sort: Sort) => void
  selection: Selection
  onClear: () => void
}

/** A row for each node. */
export function NodesTable({ nodes, commonVersion, sort, onSort, selection, onClear }: NodesTableProps) {
  const columns = useMemo(() => columnsOf(commonVersion), [commonVersion])
  const rows = useGrowing(nodes)
  const told = lastOffline(nodes)
  return (
    <DataTable
      caption="Nodes of the cluster"
      columns={columns}
      rows={rows}
      idOf={idOf}
      sort={sort}
      onSort={onSort}
      selection={selection}
      toneOf={toneOf}
      below={(node) => noteOf(node, told.has(node.Id))}
      empty={<NoMatch what="nodes" onClear={onClear} />}
    />
  )
}
