import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'

const BATCH = 1000
const logger = new Logger(() => () => {})

/** A lost session ends in a failed query, which is enough; graphile-worker insists on listeners for its error besides. */
function createPool(url, max) {
  const pool = new pg.Pool({ connectionString: url, max })
  pool.on('error', () => {})
  pool.on('connect', (session) => session.on('error', () => {}))
  return pool
}

export async function createProducer(url) {
  const pgPool = createPool(url, 4)
  const utils = await makeWorkerUtils({ pgPool, logger })
  return {
    setUp: () => utils.migrate(),
    connect: async () => void (await pgPool.query('select 1')),
    async fill(count) {
      for (let from = 1; from <= count; from += BATCH) {
        const jobs = Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, i) => ({
          identifier: 'noop',
          payload: { id: from + i },
        }))
        await pgPool.query(
          'select 1 from graphile_worker.add_jobs(array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))',
          [JSON.stringify(jobs)],
        )
      }
    },
    async left() {
      const { rows } = await pgPool.query('select count(*)::int as count from graphile_worker._private_jobs')
      return rows[0].count
    },
    tidy: async () => void (await pgPool.query('vacuum analyze graphile_worker._private_jobs')),
    add: async (id) => void (await utils.addJob('noop', { id })),
  }
}

export async function createWorker(url, { concurrency }, onTask) {
  const pgPool = createPool(url, concurrency + 2)
  return {
    start: async () =>
      void (await run({
        pgPool,
        preset: { worker: { concurrentJobs: concurrency, maxPoolSize: concurrency + 2, logger } },
        noHandleSignals: true,
        taskList: { noop: async ({ id }) => onTask(id) },
        parsedCronItems: [],
      })),
  }
}
