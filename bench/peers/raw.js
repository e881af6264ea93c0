// Hand-written SQL in the shape of a node's work and nothing more: the floor to compare with. One fetcher claims the free
// slots in one statement that reads cap and drain from its node's row FOR SHARE; completions are gathered into one
// statement while one is in flight, and match task and attempt.
import pg from 'pg'

const TABLES = `
  create table raw_nodes (node text primary key, cap int not null, drained boolean not null default false);
  create table raw_jobs (
    id bigint generated always as identity primary key,
    state text not null default 'queued', payload jsonb,
    node text, attempt int not null default 0,
    created_at timestamptz not null default now(), started_at timestamptz, finished_at timestamptz);
  create index raw_queued on raw_jobs (id) where state = 'queued';
  create index raw_running on raw_jobs (node) where state = 'running'`

// LIMIT NULL would mean no limit, hence the coalesce. The array is evaluated once, whatever the plan.
const CLAIM = `
  with me as (select cap from raw_nodes where node = $1 and not drained for share)
  update raw_jobs j set state = 'running', node = $1, attempt = attempt + 1, started_at = now()
  where j.id = any (array(
    select id from raw_jobs where state = 'queued' order by id
    limit coalesce((select least(cap, $2::int) from me), 0) for update skip locked))
  returning j.id, j.attempt, j.payload`

const FINISH = `
  update raw_jobs j set state = 'done', finished_at = now()
  from unnest($1::bigint[], $2::int[]) as d(id, attempt)
  where j.id = d.id and j.attempt = d.attempt and j.state = 'running'`

export async function createProducer(url) {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  return {
    setUp: async () => void (await pool.query(TABLES)),
    connect: async () => void (await pool.query('select 1')),
    fill: async (count) =>
      void (await pool.query(
        `insert into raw_jobs (payload) select jsonb_build_object('id', i) from generate_series(1, $1::int) i`,
        [count],
      )),
    fillFinished: async (count) =>
      void (await pool.query(
        `insert into raw_jobs (state, payload, node, attempt, started_at, finished_at)
         select 'done', jsonb_build_object('id', i), 'n0', 1, now(), now() from generate_series(1, $1::int) i`,
        [count],
      )),
    async firstQueued(count) {
      const { rows } = await pool.query(
        `select min(id)::int as from, max(id)::int as to, count(*)::int as count
         from (select id from raw_jobs where state = 'queued' order by id limit $1) first`,
        [count],
      )
      return rows[0]
    },
    async left({ from, to }) {
      const { rows } = await pool.query(
        `select count(*)::int as count from raw_jobs where id between $1 and $2 and state <> 'done'`,
        [from, to],
      )
      return rows[0].count
    },
    async waiting() {
      const { rows } = await pool.query(`select count(*)::int as count from raw_jobs where state = 'queued'`)
      return rows[0].count
    },
    tidy: async () => void (await pool.query('vacuum analyze raw_jobs')),
    add: async (id) =>
      void (await pool.query(
        `with i as (insert into raw_jobs (payload) values (jsonb_build_object('id', $1::int)) returning id)
         select pg_notify('raw_jobs', '') from i`,
        [id],
      )),
  }
}

export async function createWorker(url, { concurrency, notify }, onTask) {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const node = `n${process.pid}`
  await pool.query('insert into raw_nodes (node, cap) values ($1, $2)', [node, concurrency])
  let running = 0
  let finished = []
  let finishing = false
  let woken = false
  let endWait = () => {}

  function wake() {
    woken = true
    endWait()
  }

  async function finish() {
    if (finishing) return
    finishing = true
    while (finished.length > 0) {
      const batch = finished
      finished = []
      const values = [batch.map((task) => task.id), batch.map((task) => task.attempt)]
      await pool.query({ name: 'finish', text: FINISH, values })
      running -= batch.length
      wake()
    }
    finishing = false
  }

  async function claim() {
    const free = concurrency - running
    if (free === 0) return 0
    const { rows } = await pool.query({ name: 'claim', text: CLAIM, values: [node, free] })
    running += rows.length
    for (const task of rows) {
      onTask(task.payload.id)
      finished.push(task)
    }
    void finish()
    return rows.length
  }

  async function wait(ms) {
    if (!woken) {
      await new Promise((resolve) => {
        endWait = resolve
        setTimeout(resolve, ms)
      })
    }
    woken = false
  }

  async function work() {
    for (;;) if ((await claim()) === 0) await wait(notify ? 1000 : 20)
  }

  return {
    async start() {
      if (notify) {
        const session = await pool.connect()
        session.on('notification', () => wake())
        await session.query('listen raw_jobs')
      }
      void work()
    },
  }
}
