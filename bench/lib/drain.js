import { now, sleep, until } from './clock.js'
import { quietMoment, watchLoad } from './machine.js'
import { round } from './statistics.js'

/** Above this share of the machine in use by others, a sample counts as disturbed. */
const FOREIGN_LIMIT = 0.08
const LIMIT = { seconds: 300 }

/**
 * How fast a started, idle run ends `tasks` of its tasks: the clock begins with «go» and stops when the database shows
 * that they have ended, not when the last one has begun.
 */
export async function measureDrain(server, run, tasks, range) {
  await run.tidy()
  await server.admin`checkpoint`
  const busyBefore = await quietMoment()
  const endWatch = watchLoad()
  const begin = now()
  await run.go()
  await until(`${tasks} tasks begun`, () => run.count() >= tasks, LIMIT)
  await until(`${tasks} tasks ended`, async () => (await run.left(range)) === 0, LIMIT)
  const seconds = (now() - begin) / 1000
  const load = endWatch()
  return {
    perSecond: round(tasks / seconds, 1),
    seconds: round(seconds, 3),
    tasks,
    cpuMicros: round((load.cpuSeconds * 1e6) / tasks),
    postgresMicros: round((load.postgresSeconds * 1e6) / tasks),
    busyBefore,
    ...load,
  }
}

/** Repeats a measurement while others took too much of the machine; resolves with every sample. */
export async function untilUndisturbed(measure, tries) {
  const samples = []
  while (samples.length < tries) {
    const sample = await measure()
    samples.push(sample)
    if (!isDisturbed(sample)) break
    await sleep(500)
  }
  return samples
}

/** The undisturbed samples, or where there is none the least disturbed one. */
export function trusted(samples) {
  const quiet = samples.filter((sample) => !isDisturbed(sample))
  if (quiet.length > 0) return quiet
  return samples.toSorted((a, b) => a.foreign - b.foreign).slice(0, 1)
}

/** True when others used so much of the machine that the sample says little. */
export function isDisturbed({ foreign }) {
  return foreign > FOREIGN_LIMIT
}
