import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '../../dist/database/migrate.js'
import { findFreePort } from '../../dist/up/free-port.js'
import { addFinishedTasks, queueTasks } from '../tako/dataset.js'
import { createApi } from './api.js'
import { Child } from './child.js'
import { until } from './clock.js'
import { open } from './server.js'

const fileOf = (name) => fileURLToPath(new URL(`../tako/${name}`, import.meta.url))
const API_KEY = 'API-BENCHBENCHBENCHBENCHBENCH'
const STOP_PATIENCE_MS = 15_000

/** Tako with real nodes, each a process; in the shape of the systems of `peer-system.js`. Until `go()` its queue is paused. */
export const takoSystem = {
  title: 'Tako',
  async prepare(server) {
    const database = await server.createDatabase('tako')
    const sql = open(database.url)
    await migrate(sql).finally(() => sql.end({ timeout: 5 }))
    return database
  },

  /** `addressFor()` may put something between a node and its database. */
  async start(server, database, options) {
    const { processes, concurrency = 10, eachStart = false, addressFor = () => database.url } = options
    const sql = open(database.url)
    await sql`update cluster set paused = true, pause_reason = 'a benchmark is being prepared', paused_at = clock_timestamp()`
    const nodes = []
    const producer = new Child(fileOf('producer.js'), [database.url])
    try {
      for (let i = 0; i < processes; i += 1)
        nodes.push(await startNode(server, database, await addressFor(), i, { concurrency, eachStart }))
      await Promise.all([producer, ...nodes.map(({ child }) => child)].map((child) => child.ready))
      await Promise.all(nodes.map(waitUntilServing))
    } catch (error) {
      for (const { log } of nodes) process.stderr.write(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'))
      throw error
    }
    return createRun({ sql, nodes, producer, api: createApi(nodes[0]?.url, API_KEY) })
  },
}

async function startNode(server, database, databaseUrl, index, { concurrency, eachStart }) {
  const name = `node-${'abcdefgh'[index]}`
  const port = await findFreePort('127.0.0.1')
  const shared = join(server.folder, `${database.name}-shared`)
  mkdirSync(shared, { recursive: true })
  const log = join(server.folder, `${database.name}-${name}.log`)
  const out = openSync(log, 'a')
  const child = new Child(fileOf('node.js'), [eachStart ? 'each' : 'count'], {
    stdio: ['ignore', out, out, 'ipc'],
    env: {
      ...process.env,
      TAKO_NAME: name,
      TAKO_LISTEN: `127.0.0.1:${port}`,
      TAKO_DATABASE_URL: databaseUrl,
      TAKO_SHARED_DIR: shared,
      TAKO_TASK_CAP: String(concurrency),
      TAKO_ADMIN_API_KEY: API_KEY,
      TAKO_LAME_DUCK: '0s',
    },
  })
  closeSync(out)
  return { name, child, log, url: `http://127.0.0.1:${port}`, pid: child.pid }
}

async function waitUntilServing({ name, url }) {
  const answers = async () => {
    const answer = await fetch(`${url}/api/octopusservernodes/ping`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200
  }
  await until(`${name} answers its ping with 200`, answers, { seconds: 60, everyMs: 50 })
}

function createRun({ sql, nodes, producer, api }) {
  return {
    nodes,
    api,
    sql,
    fill: (count) => queueTasks(sql, count),
    fillFinished: (count) => addFinishedTasks(sql, count),
    async waiting() {
      const [row] = await sql`select count(*) as count from task where state = 'Queued'`
      return row.count
    },
    async firstQueued(count) {
      const [row] = await sql`
        select min(id) as from, max(id) as to
        from (select id from task where state = 'Queued' order by top, rank, queue_time, id limit ${count}) first`
      return row
    },
    async left({ from, to }) {
      const [row] = await sql`
        select count(*) as count from task where id between ${from} and ${to} and completed_at is null`
      return row.count
    },
    tidy: () => sql`vacuum analyze task`,
    add: (id) => producer.call('add', id),
    post: (id) => producer.call('post', nodes[0].url, API_KEY, id),
    count: () => nodes.reduce((sum, { child }) => sum + child.count, 0),
    onStart(listener) {
      for (const { child } of nodes) child.onStart = listener
    },
    go: () => api.post('/api/queue/resume', {}),
    async stop() {
      await Promise.all([producer.end(), ...nodes.map(({ child }) => child.end(STOP_PATIENCE_MS))])
      await sql.end({ timeout: 1 })
    },
  }
}
