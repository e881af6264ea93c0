// Queues no-op tasks from outside of any node: `node producer.js DATABASE_URL`.
import { defaultTimings } from '../../dist/cluster/timings.js'
import { connect } from '../../dist/database/connect.js'
import { enqueueTask } from '../../dist/tasks/enqueue.js'
import { KindRegistry } from '../../dist/tasks/kind.js'
import { createApi } from '../lib/api.js'
import { now } from '../lib/clock.js'
import { serveParent } from '../lib/serve.js'
import { noopKind } from './noop-kind.js'

const sql = connect(process.argv[2], { purpose: 'bench', owner: 'producer', max: 2 })
const registry = new KindRegistry([noopKind(() => {})])

async function timed(act) {
  const calledAt = now()
  await act()
  return { calledAt, committedAt: now() }
}

serveParent({
  /** By the product's own enqueueing: when it returns, the task is committed. */
  add: (id) =>
    timed(() =>
      enqueueTask(sql, registry, defaultTimings, { kind: 'BenchNoop', arguments: { id }, space: 'Spaces-1' }),
    ),
  /** As a client does. */
  post: (base, apiKey, id) =>
    timed(() => createApi(base, apiKey).post('/api/tasks', { Name: 'BenchNoop', Arguments: { Id: id } })),
})
