import type { Sql } from '../../../database/connect.ts'
import { only } from '../../../lib/must.ts'
import { operation } from '../../operation.ts'

/** `GET /api/serverstatus/counts`: of what Tako has; what it does not have counts 0. */
export const getDocumentCounts = operation({
  method: 'GET',
  path: '/serverstatus/counts',
  scope: 'server',
  permission: 'authenticated',
  summary: 'How many there are of what',
  answers: { 200: 'Counts by area.' },
  handle: async ({ context }) => {
    const { users, nodes } = await countDocuments(context.sql)
    return {
      Global: { Spaces: 1, Users: users, Teams: 0, Nodes: nodes },
      Infrastructure: { Environments: 0, Tenants: 0, DeploymentTargets: 0, Workers: 0, WorkerPools: 0 },
      Project: { Projects: 0, Releases: 0, Deployments: 0, Runbooks: 0, RunbookRuns: 0 },
      Library: { Certificates: 0, VariableSets: 0, Packages: 0 },
      Links: { Self: '/api/serverstatus/counts' },
    }
  },
})

async function countDocuments(sql: Sql): Promise<{ users: number; nodes: number }> {
  return only(
    await sql<{ users: number; nodes: number }[]>`
      select (select count(*) from app_user) as users, (select count(*) from node where deleted_at is null) as nodes`,
  )
}
