import { now, sleep } from '../lib/clock.js'
import { quietMoment, watchLoad } from '../lib/machine.js'
import { bar } from '../lib/report.js'
import { percentile, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

const LISTS = {
  'everything, first page': '',
  queued: 'states=Queued',
  active: 'active=true',
  running: 'running=true',
  'failed or cancelled': 'states=Failed,Canceled',
  successful: 'states=Success',
  'one node': 'node=OctopusServerNodes-node-a',
  'one type': 'name=AdHocScript',
  'rare words of a description': 'description=nothing%20777',
  'with warnings or errors': 'hasWarningsOrErrors=true',
  'completed on one day': completedOn(14),
  'page 50 of the queued': 'states=Queued&skip=1470&take=30',
  'page 1,000 of everything': 'skip=29970&take=30',
  '100 a page': 'take=100',
}

function completedOn(daysAgo) {
  const date = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  return `fromCompletedDate=${date(daysAgo)}&toCompletedDate=${date(daysAgo - 1)}`
}

export const taskList = {
  name: 'task-list',
  title: 'GET /api/tasks, ms',
  async run({ server, rounds, quick, progress }) {
    const size = quick ? { queued: 20_000, finished: 100_000 } : { queued: 200_000, finished: 1_000_000 }
    progress(`preparing ${size.queued} queued and ${size.finished} finished tasks`)
    const database = await takoSystem.prepare(server)
    const run = await takoSystem.start(server, database, { processes: 1 })
    try {
      await run.fillFinished(size.finished)
      await run.fill(size.queued)
      await run.tidy()
      const samples = await measureLists(run, rounds * (quick ? 20 : 40), progress)
      return {
        note: `${size.queued} queued and ${size.finished} finished tasks; the queue is paused`,
        ...judge(samples),
        samples,
      }
    } finally {
      await run.stop()
      await server.dropDatabase(database)
    }
  },
}

/** Every list in turn, over and over, one request at a time. */
async function measureLists(run, repetitions, progress) {
  const samples = Object.entries(LISTS).map(([list, query]) => ({ list, query, ms: [] }))
  for (const { query } of samples) await run.api.get(`/api/tasks?${query}`)
  const busyBefore = await quietMoment()
  const endWatch = watchLoad()
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const sample of samples) {
      const begin = now()
      const page = await run.api.get(`/api/tasks?${sample.query}`)
      sample.ms.push(round(now() - begin, 2))
      sample.total = page.TotalResults
      sample.shown = page.Items.length
      await sleep(5)
    }
  }
  const load = endWatch()
  for (const { list, ms } of samples) progress(`${list}: ${percentile(ms, 0.95)} ms p95`)
  return samples.map((sample) => ({ ...sample, busyBefore, ...load }))
}

function judge(samples) {
  const rows = samples.map(({ list, ms, total, shown }) => ({
    list,
    total,
    shown,
    p50: round(percentile(ms, 0.5), 1),
    p95: round(percentile(ms, 0.95), 1),
    max: round(Math.max(...ms), 1),
  }))
  return { rows, bars: rows.map(({ list, p95 }) => bar(`${list}, p95`, p95, { atMost: 100, unit: ' ms' })) }
}
