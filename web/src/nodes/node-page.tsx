import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiError } from '../api/api-error.ts'
import { nodeQuery } from '../api/nodes.ts'
import { Loaded } from '../parts/load-states.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { GoneNode } from './node/gone-node.tsx'
import { NodeView } from './node/node-view.tsx'

const route = getRouteApi('/nodes/$id')
const BACK = { to: '/nodes', label: 'Nodes' } as const

/** One node in full: its facts, what it runs and ran, what it lost, and what happened to it. */
export function NodePage() {
  const { id } = route.useParams()
  const query = useQuery(nodeQuery(id))
  if (query.error instanceof ApiError && query.error.status === 404) return <GoneNode key={id} id={id} back={BACK} />
  if (query.data) return <NodeView key={id} node={query.data} back={BACK} />
  return (
    <>
      <PageHeader title={nameOf(id)} back={BACK} />
      <Loaded query={query} back={<Link to="/nodes">Go to the nodes</Link>}>
        {() => null}
      </Loaded>
    </>
  )
}

function nameOf(id: string): string {
  return id.replace(/^OctopusServerNodes-/i, '')
}
