import { isDisturbed, measureDrain, trusted, untilUndisturbed } from '../lib/drain.js'
import { peerSystems } from '../lib/peer-system.js'
import { bar } from '../lib/report.js'
import { median, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

const PROCESSES = 4

export const deepQueue = {
  name: 'deep-queue',
  title: `No-op tasks per second with a deep queue and a long history, ${PROCESSES} processes`,
  async run({ server, rounds, quick, progress }) {
    const tasks = quick ? 4000 : 20_000
    const deep = quick ? { queued: 20_000, finished: 100_000 } : { queued: 200_000, finished: 1_000_000 }
    const contenders = []
    for (const system of [takoSystem, peerSystems.raw]) {
      for (const depth of [{ queued: 0, finished: 0 }, deep]) {
        progress(`${system.title}: preparing ${depth.queued} queued, ${depth.finished} finished`)
        contenders.push({ system, depth, database: await prepare(server, system, depth) })
      }
    }
    const samples = []
    for (let round = 1; round <= rounds; round += 1) {
      for (const { system, depth, database } of contenders) {
        const measure = () => drainFront(server, system, database, depth, tasks)
        for (const sample of await untilUndisturbed(measure, quick ? 1 : 5)) {
          progress(`${system.title}, ${depth.queued} queued: ${sample.perSecond}/s (others used ${sample.foreign})`)
          samples.push({ system: system.title, ...depth, round, ...sample })
        }
      }
    }
    for (const { database } of contenders) await server.dropDatabase(database)
    return { ...judge(samples, deep), samples }
  },
}

async function prepare(server, system, { finished }) {
  const database = await system.prepare(server)
  const run = await system.start(server, database, { processes: 0 })
  if (finished > 0) await run.fillFinished(finished)
  await run.tidy()
  await run.stop()
  return database
}

/** Fills the queue up to its depth and `tasks` more, and measures until the foremost `tasks` have ended. */
async function drainFront(server, system, database, { queued }, tasks) {
  const run = await system.start(server, database, { processes: PROCESSES })
  try {
    await run.fill(queued + tasks - (await run.waiting()))
    return await measureDrain(server, run, tasks, await run.firstQueued(tasks))
  } finally {
    await run.stop()
  }
}

function judge(samples, deep) {
  const of = (system, queued) =>
    trusted(samples.filter((sample) => sample.system === system.title && sample.queued === queued))
  const middle = (system, queued) => median(of(system, queued).map((sample) => sample.perSecond))
  const rows = [takoSystem, peerSystems.raw].flatMap((system) =>
    [0, deep.queued].map((queued) => {
      const used = of(system, queued)
      const speeds = used.map((sample) => sample.perSecond)
      return {
        system: system.title,
        queued,
        finished: queued === 0 ? 0 : deep.finished,
        'tasks/s': round(median(speeds)),
        min: round(Math.min(...speeds)),
        max: round(Math.max(...speeds)),
        'of its empty case': round(median(speeds) / middle(system, 0), 2),
        'CPU µs/task': round(median(used.map((sample) => sample.cpuMicros))),
        'of it PostgreSQL': round(median(used.map((sample) => sample.postgresMicros))),
        samples: used.length,
        'used by others': round(median(used.map((sample) => sample.foreign)), 2),
      }
    }),
  )
  const ratio = round(middle(takoSystem, deep.queued) / middle(takoSystem, 0), 2)
  const disturbed = [0, deep.queued].some((queued) => of(takoSystem, queued).some(isDisturbed))
  return { rows, bars: [bar('Tako, deep to empty', ratio, { atLeast: 0.8, isDisturbed: disturbed })] }
}
