import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { now, sleep } from '../lib/clock.js'
import { quietMoment, sampleMemory, watchLoad } from '../lib/machine.js'
import { bar } from '../lib/report.js'
import { median, percentile, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

const PADDING = 'x'.repeat(80)
const lineOf = (number) => `line ${String(number).padStart(8, '0')} ${PADDING}`
const scriptOf = (lines) => `seq -f 'line %08.0f ${PADDING}' 1 ${lines}`
const PAUSE_MS = 20

export const millionLines = {
  name: 'million-lines',
  title: 'A script that prints a million lines, and its neighbours',
  async run({ server, rounds, quick, progress }) {
    const lines = quick ? 100_000 : 1_000_000
    const samples = []
    for (let round = 1; round <= rounds; round += 1) {
      const sample = await measureOnce(server, lines, progress)
      progress(`${lines} lines in ${sample.seconds} s, ${sample.missing} missing or out of order`)
      samples.push({ round, ...sample })
    }
    return {
      note: 'one node; start: no-op tasks queued one after the other on the same node, ms from commit to start',
      ...judge(samples, lines),
      samples,
    }
  },
}

async function measureOnce(server, lines, progress) {
  const database = await takoSystem.prepare(server)
  const run = await takoSystem.start(server, database, { processes: 1, eachStart: true })
  const neighbour = createNeighbour(run)
  try {
    await run.go()
    const busyBefore = await quietMoment()
    const endWatch = watchLoad()
    const bare = await printToPipe(scriptOf(lines))
    await neighbour.forMs(1000)
    const quietStarts = await neighbour.forMs(10_000)
    const before = await printLines(run, neighbour, lines / 10)
    const printed = await printLines(run, neighbour, lines)
    progress('reading the log back')
    const missing = await countMissing(run, printed.id, lines)
    return {
      lines,
      bareSeconds: round(bare, 2),
      seconds: printed.seconds,
      memoryBefore: before.memory[0].mb,
      memoryTenth: before.peakMb,
      memoryPeak: printed.peakMb,
      quietStarts: figures(quietStarts),
      starts: figures(printed.starts),
      missing,
      memory: printed.memory,
      busyBefore,
      ...endWatch(),
    }
  } finally {
    await run.stop()
    await server.dropDatabase(database)
  }
}

/** Runs the script as a task of the node while no-op tasks start beside it. */
async function printLines(run, neighbour, lines) {
  const memory = sampleMemory(run.nodes[0].pid)
  const task = await run.api.post('/api/tasks', {
    Name: 'AdHocScript',
    Description: `${lines} lines`,
    Arguments: { TargetType: 'OctopusServer', Syntax: 'Bash', ScriptBody: scriptOf(lines) },
  })
  const starts = []
  let ended = task
  while (!ended.IsCompleted) {
    starts.push(...(await neighbour.forMs(500)))
    ended = await run.api.get(`/api/tasks/${task.Id}`)
  }
  const samples = memory.stop()
  if (ended.State !== 'Success') throw new Error(`the script ended ${ended.State}: ${ended.ErrorMessage}`)
  return {
    id: task.Id,
    seconds: round((Date.parse(ended.CompletedTime) - Date.parse(ended.StartTime)) / 1000, 2),
    starts,
    memory: samples,
    peakMb: Math.max(...samples.map(({ mb }) => mb)),
  }
}

/** No-op tasks, one after the other; `forMs` resolves with their times from commit to start. */
function createNeighbour(run) {
  const waiting = new Map()
  let last = 0
  run.onStart((id, at) => waiting.get(id)?.(at))
  return {
    async forMs(ms) {
      const times = []
      for (const end = now() + ms; now() < end; ) {
        last += 1
        const started = new Promise((resolve) => waiting.set(last, resolve))
        const { committedAt } = await run.add(last)
        times.push((await started) - committedAt)
        waiting.delete(last)
        await sleep(PAUSE_MS)
      }
      return times
    },
  }
}

/** Reads the whole log through the API; resolves with how many lines are not what and where they should be. */
async function countMissing(run, id, lines) {
  let expected = 1
  let wrong = 0
  let page = { Next: 0, IsCompleted: false }
  while (!page.IsCompleted) {
    page = await run.api.get(`/api/tasks/${id}/log?from=${page.Next}&take=10000`)
    for (const { Stream, Text } of page.Lines) {
      if (Stream !== 'output') continue
      if (Text !== lineOf(expected)) wrong += 1
      expected += 1
    }
  }
  return wrong + Math.abs(lines - (expected - 1))
}

/** Seconds the script takes when its output goes down a pipe to a reader that drops it. */
async function printToPipe(script) {
  const begin = now()
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  await once(child, 'close')
  return (now() - begin) / 1000
}

const figures = (values) => ({
  count: values.length,
  p50: round(percentile(values, 0.5), 2),
  p99: round(percentile(values, 0.99), 2),
  max: round(Math.max(...values), 1),
})

function judge(samples, lines) {
  const rows = samples.map((sample) => ({
    lines,
    seconds: sample.seconds,
    'bare pipe': sample.bareSeconds,
    'lines/s': round(lines / sample.seconds),
    'MB before': sample.memoryBefore,
    'after a tenth': sample.memoryTenth,
    'MB peak': sample.memoryPeak,
    'start p50 idle': sample.quietStarts.p50,
    'beside it': sample.starts.p50,
    'p99 idle': sample.quietStarts.p99,
    'p99 beside it': sample.starts.p99,
    max: sample.starts.max,
    missing: sample.missing,
  }))
  const middle = (of) => round(median(samples.map(of)), 2)
  return {
    rows,
    bars: [
      bar('lines missing or out of order', Math.max(...samples.map(({ missing }) => missing)), { atMost: 0 }),
      bar(
        'peak memory over that of a tenth of the lines',
        middle((s) => s.memoryPeak - s.memoryTenth),
        { atMost: 32, unit: ' MB' },
      ),
      bar(
        'start of other tasks, p50 to idle',
        middle((s) => s.starts.p50 / s.quietStarts.p50),
        { atMost: 3 },
      ),
      bar(
        'start of other tasks, p99',
        middle((s) => s.starts.p99),
        { atMost: 100, unit: ' ms' },
      ),
    ],
  }
}
