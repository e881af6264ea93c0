import { now, sleep, until } from './clock.js'
import { quietMoment, watchLoad } from './machine.js'
import { round } from './statistics.js'

/** Above this share of the machine in use by others, a sample counts as disturbed. */
const FOREIGN_LIMIT = 0.08
const LIMIT = { seconds: 300 }

/**
 * How fast a started, idle run ends the tasks of `range`, of which there are `tasks`: the clock begins with «go», or when
 * `warmUp` of them have begun, and stops when the database shows that all have ended, not when the last one has begun.
 */
export async function measureDrain(server, run, tasks, range, { warmUp = 0 } = {}) {
  await run.tidy()
  await server.admin`checkpoint`
  const busyBefore = await quietMoment()
  const started = warmUp > 0 ? run.go() : undefined
  await until(`${warmUp} tasks begun`, () => run.count() >= warmUp, LIMIT)
  const counted = tasks - run.count()
  const endWatch = watchLoad()
  const begin = now()
  await (started ?? run.go())
  await until(`${tasks} tasks begun`, () => run.count() >= tasks, LIMIT)
  await until(`${tasks} tasks ended`, async () => (await run.left(range)) === 0, LIMIT)
  const seconds = (now() - begin) / 1000
  const load = endWatch()
  return {
    perSecond: round(counted / seconds, 1),
    seconds: round(seconds, 3),
    tasks: counted,
    cpuMicros: round((load.cpuSeconds * 1e6) / counted),
    postgresMicros: round((load.postgresSeconds * 1e6) / counted),
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
