import { now, sleep } from '../lib/clock.js'
import { startCountingProxy } from '../lib/counting-proxy.js'
import { processorSeconds, quietMoment, residentMb, watchLoad } from '../lib/machine.js'
import { bar } from '../lib/report.js'
import { median, round } from '../lib/statistics.js'
import { takoSystem } from '../lib/tako-system.js'

export const idleNode = {
  name: 'idle-node',
  title: 'What an idle node costs',
  async run({ server, rounds, quick, progress }) {
    const seconds = quick ? 8 : 30
    const samples = []
    for (const nodes of quick ? [1] : [1, 3]) {
      for (const sample of await measureCluster(server, nodes, rounds, seconds)) {
        progress(`${nodes} nodes, ${sample.node}: ${sample.roundTripsPerSecond} round trips/s, ${sample.cpuPercent} %`)
        samples.push(sample)
      }
    }
    return { note: `windows of ${seconds} s; the leader is among the nodes`, ...judge(samples), samples }
  },
}

async function measureCluster(server, nodes, rounds, seconds) {
  const database = await takoSystem.prepare(server)
  const proxies = []
  const addressFor = async () => {
    const proxy = await startCountingProxy(database.url)
    proxies.push(proxy)
    return proxy.url
  }
  const run = await takoSystem.start(server, database, { processes: nodes, addressFor })
  try {
    await run.go()
    await sleep(seconds < 30 ? 3000 : 15_000)
    const samples = []
    for (let round = 1; round <= rounds; round += 1) {
      const window = await measureWindow(server, database, run.nodes, proxies, seconds)
      samples.push(...window.map((sample) => ({ nodes, round, ...sample })))
    }
    return samples
  } finally {
    await run.stop()
    for (const proxy of proxies) proxy.close()
    await server.dropDatabase(database)
  }
}

async function measureWindow(server, database, nodes, proxies, seconds) {
  const busyBefore = await quietMoment()
  const read = () => nodes.map(({ pid }, i) => ({ cpu: processorSeconds(pid), trips: proxies[i].roundTrips() }))
  const endWatch = watchLoad()
  const commitsBefore = await commits(server, database)
  const before = read()
  const begin = now()
  await sleep(seconds * 1000)
  const after = read()
  const elapsed = (now() - begin) / 1000
  const load = endWatch()
  const committed = (await commits(server, database)) - commitsBefore
  return nodes.map(({ pid, name }, i) => ({
    node: name,
    roundTripsPerSecond: round((after[i].trips - before[i].trips) / elapsed, 2),
    transactionsPerSecondOfAll: round(committed / elapsed, 2),
    sessions: proxies[i].sessions(),
    cpuPercent: round((100 * (after[i].cpu - before[i].cpu)) / elapsed, 2),
    residentMb: round(residentMb(pid)),
    busyBefore,
    ...load,
  }))
}

/** Transactions the server has counted for this database. Sessions report theirs about once a second. */
async function commits(server, { name }) {
  const [row] = await server.admin`
    select xact_commit + xact_rollback as count from pg_stat_database where datname = ${name}`
  return row.count
}

function judge(samples) {
  const rows = [...new Set(samples.map(({ nodes }) => nodes))].map((nodes) => {
    const of = (figure) => samples.filter((sample) => sample.nodes === nodes).map((sample) => sample[figure])
    return {
      'nodes in the cluster': nodes,
      'round trips/s': round(median(of('roundTripsPerSecond')), 2),
      max: Math.max(...of('roundTripsPerSecond')),
      'transactions/s': round(median(of('transactionsPerSecondOfAll')) / nodes, 2),
      sessions: round(median(of('sessions')), 1),
      'CPU %': round(median(of('cpuPercent')), 2),
      'CPU % max': Math.max(...of('cpuPercent')),
      'memory MB': Math.max(...of('residentMb')),
    }
  })
  const bars = rows.flatMap((row) => {
    const where = `in a cluster of ${row['nodes in the cluster']}`
    return [
      bar(`round trips per second, ${where}`, row['round trips/s'], { atMost: 3 }),
      bar(`share of a core, ${where}`, row['CPU %'], { atMost: 1, unit: ' %' }),
      bar(`resident memory, ${where}`, row['memory MB'], { atMost: 150, unit: ' MB' }),
    ]
  })
  return { rows, bars }
}
