import type { ApiClient } from './client.ts'
import type { CallOptions } from './transport.ts'
import type { TaskPage } from './wire.ts'

/** The most running tasks of a node that are looked at; a cap is at most 1000. */
const MOST = 1000

/** What runs on a node, oldest first. */
export async function runningTasks(
  api: ApiClient,
  nodeId: string,
  options: CallOptions = {},
): Promise<TaskPage['Items']> {
  const query = { node: nodeId, running: true, take: MOST }
  const page = await api.get<TaskPage>('/api/tasks', { ...options, query })
  return page.Items.toSorted((a, b) => Date.parse(a.StartTime ?? a.QueueTime) - Date.parse(b.StartTime ?? b.QueueTime))
}
