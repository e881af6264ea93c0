// node bench/run.js [names...] [--rounds N] [--json FILE] [--quick]   (see bench/README.md)
import { parseArgs } from 'node:util'
import { deepQueue } from './benchmarks/deep-queue.js'
import { idleNode } from './benchmarks/idle-node.js'
import { latency } from './benchmarks/latency.js'
import { millionLines } from './benchmarks/million-lines.js'
import { taskList } from './benchmarks/task-list.js'
import { throughput } from './benchmarks/throughput.js'
import { endChildren } from './lib/child.js'
import { now } from './lib/clock.js'
import { describeMachine, setPatience } from './lib/machine.js'
import { peerVersions, preparePeers } from './lib/peers.js'
import { printResult, writeJson } from './lib/report.js'
import { startServer } from './lib/server.js'
import { round } from './lib/statistics.js'

const BENCHMARKS = [throughput, deepQueue, latency, idleNode, millionLines, taskList]

const options = readOptions()
if (options) process.exitCode = await main(options)

function readOptions() {
  const names = BENCHMARKS.map(({ name }) => name)
  const usage = `usage: npm run bench -- [${names.join('|')}]... [--rounds N] [--json FILE] [--quick]`
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        json: { type: 'string', default: new URL('./results/latest.json', import.meta.url).pathname },
        quick: { type: 'boolean', default: false },
      },
    })
    const unknown = positionals.find((name) => !names.includes(name))
    if (unknown) throw new Error(`there is no benchmark '${unknown}'`)
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1')
    const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return { ...values, rounds, chosen }
  } catch (error) {
    console.error(`${error.message}\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

/** Runs the chosen benchmarks one after the other. Resolves with the exit code: 1 when one could not be run; a missed bar is a finding, no failure. */
async function main({ chosen, rounds, quick, json }) {
  if (quick) setPatience(3)
  preparePeers()
  const server = await startServer()
  const stop = async () => {
    await endChildren()
    await server.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)))
  const report = {
    at: new Date().toISOString(),
    quick,
    rounds,
    machine: describeMachine(),
    versions: { tako: process.version, peers: peerVersions() },
    postgres: await server.describe(),
    results: [],
    failures: [],
  }
  const { processor, cores, memoryGiB, system } = report.machine
  console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; PostgreSQL ${report.postgres.version}`)
  try {
    for (const benchmark of chosen) await runOne(benchmark, { server, rounds, quick }, report)
  } finally {
    await stop()
    writeJson(json, report)
  }
  console.log(`\nwritten to ${json}`)
  return report.failures.length > 0 ? 1 : 0
}

async function runOne(benchmark, context, report) {
  const begin = now()
  const progress = (sentence) => process.stderr.write(`  ${benchmark.name}: ${sentence}\n`)
  try {
    const result = await benchmark.run({ ...context, progress })
    const { name, title } = benchmark
    report.results.push({ name, title, seconds: round((now() - begin) / 1000), ...result })
    printResult({ title, ...result })
  } catch (error) {
    report.failures.push({ name: benchmark.name, error: String(error?.stack ?? error) })
    console.error(`\n${benchmark.title}: could not be run: ${error?.stack ?? error}`)
    await endChildren()
  }
}
