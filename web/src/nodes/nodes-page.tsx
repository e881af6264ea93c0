import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { serverNow } from '../api/connection.ts'
import { nodeSummaryQuery } from '../api/nodes.ts'
import type { NodeSummary } from '../api/wire.ts'
import { Empty, Loaded } from '../parts/load-states.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { type Sort, sortOfText, sortText } from '../parts/sort.ts'
import { chooseNodes, commonVersion, countNodes } from './list/choose-nodes.ts'
import { ClusterLine } from './list/cluster-line.tsx'
import { ClusterTimeLine } from './list/cluster-time-line.tsx'
import { NodesTable } from './list/nodes-table.tsx'
import { Toolbar } from './list/toolbar.tsx'
import type { NodeFilter, NodesSearch } from './nodes-search.ts'

const route = getRouteApi('/nodes')
const BY_NAME: Sort = { by: 'name', direction: 'ascending' }

/** The nodes of the cluster, the cluster as a whole above them, what happened to them below. */
export function NodesPage() {
  const query = useQuery(nodeSummaryQuery())
  return (
    <>
      <PageHeader title="Nodes" />
      <Loaded query={query}>
        {(summary) => (
          <>
            <ClusterLine summary={summary} />
            <List summary={summary} />
          </>
        )}
      </Loaded>
      <ClusterTimeLine />
    </>
  )
}

function List({ summary: { Nodes } }: { summary: NodeSummary }) {
  const { show, text = '', sort: sortedAs } = route.useSearch()
  const navigate = route.useNavigate()
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set())

  const filter: NodeFilter = show ?? 'recent'
  const sort = sortOfText(sortedAs) ?? BY_NAME
  const now = serverNow()
  const shown = chooseNodes(Nodes, { filter, text, sort, now })
  // What the filters hide is not acted upon.
  const selected = shown.filter(({ Id }) => selectedIds.has(Id))
  const search = (part: (old: NodesSearch) => NodesSearch) => void navigate({ search: part, replace: true })

  if (Nodes.length === 0) return <Empty title="No nodes yet">A node appears here when it starts.</Empty>
  return (
    <>
      <Toolbar
        counts={countNodes(Nodes, now)}
        filter={filter}
        text={text}
        selected={selected}
        onFilter={(value) => search(({ show: _, ...old }) => (value === 'recent' ? old : { ...old, show: value }))}
        onText={(value) => search(({ text: _, ...old }) => (value === '' ? old : { ...old, text: value }))}
        onDone={() => setSelectedIds(new Set())}
      />
      <NodesTable
        nodes={shown}
        commonVersion={commonVersion(Nodes)}
        sort={sort}
        onSort={(value) => search((old) => ({ ...old, sort: sortText(value) }))}
        selection={{
          ids: new Set(selected.map(({ Id }) => Id)),
          onChange: setSelectedIds,
          labelOf: (id) => `Select ${Nodes.find((node) => node.Id === id)?.Name ?? id}`,
        }}
        onClear={() => search(({ sort: kept }) => (kept === undefined ? {} : { sort: kept }))}
      />
    </>
  )
}
