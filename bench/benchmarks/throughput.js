import { isDisturbed, measureDrain, trusted, untilUndisturbed } from '../lib/drain.js'
import { peerSystems } from '../lib/peer-system.js'
import { bar } from '../lib/report.js'
import { median, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

/** For each process. A server runs for weeks: what its first seconds measure is mostly the compiler of its runtime. */
const WARM_UP = 10_000
const TASKS = { 1: 20_000, 4: 60_000 }
const SYSTEMS = [takoSystem, peerSystems.raw, peerSystems.graphileWorker, peerSystems.pgBossBurst]

export const throughput = {
  name: 'throughput',
  title: 'No-op tasks per second, at most 10 at once in each process',
  async run({ server, rounds, quick, progress }) {
    const counts = quick ? [4] : [1, 4]
    const samples = []
    for (let round = 1; round <= rounds; round += 1) {
      for (const system of SYSTEMS) {
        for (const processes of counts) {
          const measure = () => drainOnce(server, system, processes, quick)
          for (const sample of await untilUndisturbed(measure, quick ? 1 : 5)) {
            progress(`${system.title}, ${processes}: ${sample.perSecond}/s (others used ${sample.foreign})`)
            samples.push({ system: system.title, processes, round, ...sample })
          }
        }
      }
    }
    return { ...judge(samples, counts), samples }
  },
}

async function drainOnce(server, system, processes, quick) {
  const warmUp = quick ? 0 : WARM_UP * processes
  const tasks = warmUp + (quick ? 4000 : TASKS[processes])
  const database = await system.prepare(server)
  const run = await system.start(server, database, { processes })
  try {
    await run.fill(tasks)
    return await measureDrain(server, run, tasks, { from: 1, to: tasks }, { warmUp })
  } finally {
    await run.stop()
    await server.dropDatabase(database)
  }
}

function judge(samples, counts) {
  const of = (system, processes) =>
    trusted(samples.filter((sample) => sample.system === system.title && sample.processes === processes))
  const middle = (system, processes) => median(of(system, processes).map((sample) => sample.perSecond))
  const ratio = (system, other, processes) => round(middle(system, processes) / middle(other, processes), 2)
  const rows = counts.flatMap((processes) =>
    SYSTEMS.map((system) => row(of(system, processes), ratio(system, peerSystems.raw, processes))),
  )
  const barAgainst = (other, atLeast, processes) =>
    bar(`Tako to ${other.title}, ${processes} processes`, ratio(takoSystem, other, processes), {
      atLeast,
      isDisturbed: [takoSystem, other].some((system) => of(system, processes).some(isDisturbed)),
    })
  const bars = counts.flatMap((processes) => [
    barAgainst(peerSystems.raw, 0.7, processes),
    barAgainst(peerSystems.graphileWorker, 1, processes),
    barAgainst(peerSystems.pgBossBurst, 1, processes),
  ])
  return { rows, bars }
}

function row(samples, ratio) {
  const speeds = samples.map((sample) => sample.perSecond)
  return {
    system: samples[0].system,
    processes: samples[0].processes,
    'tasks/s': round(median(speeds)),
    min: round(Math.min(...speeds)),
    max: round(Math.max(...speeds)),
    'of raw': ratio,
    'CPU µs/task': round(median(samples.map((sample) => sample.cpuMicros))),
    'of it PostgreSQL': round(median(samples.map((sample) => sample.postgresMicros))),
    samples: samples.length,
    'used by others': round(median(samples.map((sample) => sample.foreign)), 2),
  }
}
