import { sleep } from '../lib/clock.js'
import { quietMoment, watchLoad } from '../lib/machine.js'
import { peerSystems } from '../lib/peer-system.js'
import { bar } from '../lib/report.js'
import { median, percentile, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

const CONTENDERS = [
  { label: 'raw NOTIFY + claim', system: peerSystems.rawNotify, processes: 1 },
  { label: 'Tako', system: takoSystem, processes: 1 },
  { label: 'raw NOTIFY + claim', system: peerSystems.rawNotify, processes: 3 },
  { label: 'Tako', system: takoSystem, processes: 3 },
  { label: 'Tako, POST /api/tasks', system: takoSystem, processes: 3, add: 'post' },
  { label: 'graphile-worker', system: peerSystems.graphileWorker, processes: 1 },
  { label: 'pg-boss, notify', system: peerSystems.pgBossNotify, processes: 1 },
]
const BLOCK = 25
const WARM_UP = 25

export const latency = {
  name: 'latency',
  title: 'Queue to start on an idle cluster, ms',
  async run({ server, rounds, quick, progress }) {
    const tasks = quick ? 100 : 500
    const samples = []
    for (let round = 1; round <= rounds; round += 1) {
      for (const sample of await measureRound(server, tasks)) {
        progress(`${sample.label}, ${sample.processes}: ${sample.fromCommit.p50} ms after commit`)
        samples.push({ round, ...sample })
      }
    }
    return {
      note: 'from commit: after the enqueueing call returned, with the task committed. POST has only «from call»: its answer comes later than its commit',
      ...judge(samples),
      samples,
    }
  },
}

/** All contenders stand idle side by side, each with its own database, and take turns: a block of tasks each. */
async function measureRound(server, tasks) {
  const entries = []
  try {
    for (const contender of CONTENDERS) entries.push(await enter(server, contender, entries))
    for (const entry of entries) await addTasks(entry, WARM_UP)
    for (const entry of entries) entry.times = []
    const busyBefore = await quietMoment()
    const endWatch = watchLoad()
    for (let done = 0; done < tasks; done += BLOCK) for (const entry of entries) await addTasks(entry, BLOCK)
    const load = endWatch()
    return entries.map(({ label, processes, times }) => ({
      label,
      processes,
      tasks: times.length,
      fromCall: figures(times.map((time) => time.startedAt - time.calledAt)),
      fromCommit: figures(times.map((time) => time.startedAt - time.committedAt)),
      busyBefore,
      ...load,
    }))
  } finally {
    await Promise.all(entries.map((entry) => entry.owner && entry.run.stop()))
  }
}

/** Two contenders with one system and the same number of processes share the running cluster. */
async function enter(server, contender, entries) {
  const same = entries.find(({ system, processes }) => system === contender.system && processes === contender.processes)
  if (same) return { ...contender, owner: false, run: same.run, waiting: same.waiting, ids: same.ids, times: [] }
  const database = await contender.system.prepare(server)
  const run = await contender.system.start(server, database, { processes: contender.processes, eachStart: true })
  const waiting = new Map()
  run.onStart((id, at) => waiting.get(id)?.(at))
  await run.go()
  return { ...contender, owner: true, run, waiting, ids: { next: 1 }, times: [] }
}

async function addTasks(entry, count) {
  for (let added = 0; added < count; added += 1) {
    const id = entry.ids.next
    entry.ids.next += 1
    const started = new Promise((resolve) => entry.waiting.set(id, resolve))
    const times = await entry.run[entry.add ?? 'add'](id)
    entry.times.push({ ...times, startedAt: await started })
    entry.waiting.delete(id)
    await sleep(10 + Math.random() * 40)
  }
}

const figures = (values) => ({
  p50: round(percentile(values, 0.5), 2),
  p99: round(percentile(values, 0.99), 2),
  max: round(Math.max(...values), 2),
})

function judge(samples) {
  const of = (contender, kind, figure) =>
    median(
      samples
        .filter(({ label, processes }) => label === contender.label && processes === contender.processes)
        .map((sample) => sample[kind][figure]),
    )
  const rows = CONTENDERS.map((contender) => ({
    system: contender.label,
    processes: contender.processes,
    'from call p50': round(of(contender, 'fromCall', 'p50'), 2),
    p99: round(of(contender, 'fromCall', 'p99'), 2),
    ...(contender.add
      ? {}
      : {
          'from commit p50': round(of(contender, 'fromCommit', 'p50'), 2),
          'commit p99': round(of(contender, 'fromCommit', 'p99'), 2),
        }),
  }))
  const [raw1, tako1, raw3, tako3] = CONTENDERS
  const bars = [
    [raw1, tako1],
    [raw3, tako3],
  ].flatMap(([raw, tako]) =>
    [
      ['p50', 2],
      ['p99', 5],
    ].map(([figure, atMost]) =>
      bar(
        `Tako to raw, ${tako.processes} processes, ${figure} from commit`,
        round(of(tako, 'fromCommit', figure) / of(raw, 'fromCommit', figure), 2),
        { atMost },
      ),
    ),
  )
  return { rows, bars }
}
