import pg from 'pg'
import { PgBoss } from 'pg-boss'

const BATCH = 1000
const QUEUE = 'noop'

export async function createProducer(url, { notify = false }) {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false, max: 4 })
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`))
  return {
    async setUp() {
      await boss.start()
      await boss.createQueue(QUEUE, { notify })
    },
    connect: async () => void (await boss.start()),
    async fill(count) {
      for (let from = 1; from <= count; from += BATCH) {
        const length = Math.min(BATCH, count - from + 1)
        await boss.insert(
          QUEUE,
          Array.from({ length }, (_, i) => ({ data: { id: from + i } })),
        )
      }
    },
    async left() {
      const { rows } = await pool.query(
        `select count(*)::int as count from pgboss.job where name = $1 and state < 'completed'`,
        [QUEUE],
      )
      return rows[0].count
    },
    tidy: async () => void (await pool.query('vacuum analyze pgboss.job')),
    add: async (id) => void (await boss.send(QUEUE, { id })),
  }
}

export async function createWorker(url, { concurrency, notify = false, work }, onTask) {
  const boss = new PgBoss({ connectionString: url, max: Math.min(concurrency, 10) + 2, useListenNotify: notify })
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`))
  await boss.start()
  return {
    start: async () =>
      void (await boss.work(QUEUE, work, async (jobs) => {
        for (const { data } of jobs) onTask(data.id)
      })),
  }
}
