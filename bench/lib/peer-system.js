import { Child } from './child.js'
import { peerFile, peerNode } from './peers.js'

/**
 * A system to measure: `prepare` makes its database; `start` starts `processes` workers that are connected and idle, and
 * a producer. Of the run it resolves with, `go()` lets the workers work, `fill` and `add` queue no-op tasks, `left`
 * counts those not ended, `tidy()` brings the database's statistics up to date.
 */
export const peerSystems = {
  raw: peerSystem('raw SQL loop', 'raw', {}),
  rawNotify: peerSystem('raw NOTIFY + claim', 'raw', { notify: true }),
  graphileWorker: peerSystem('graphile-worker', 'graphile-worker', {}),
  pgBossBurst: peerSystem('pg-boss, batch 10, burst', 'pg-boss', {
    work: { batchSize: 10, burstWhenBatchFull: true },
  }),
  pgBossNotify: peerSystem('pg-boss, notify', 'pg-boss', { notify: true, work: {} }),
}

function peerSystem(title, module, fixed) {
  const child = (role, database, settings) =>
    new Child(peerFile, [role, module, database.url, JSON.stringify({ ...fixed, ...settings })], {
      execPath: peerNode,
      execArgv: [],
    })

  return {
    title,
    async prepare(server) {
      const database = await server.createDatabase(module)
      const producer = child('producer', database, {})
      await producer.ready
      await producer.call('setUp')
      await producer.end()
      return database
    },
    async start(_server, database, { processes, concurrency = 10, eachStart = false }) {
      const producer = child('producer', database, {})
      const workers = Array.from({ length: processes }, () => child('worker', database, { concurrency, eachStart }))
      await Promise.all([producer, ...workers].map((each) => each.ready))
      await producer.call('connect')
      const call =
        (method) =>
        (...args) =>
          producer.call(method, ...args)
      return {
        fill: call('fill'),
        fillFinished: call('fillFinished'),
        waiting: call('waiting'),
        firstQueued: call('firstQueued'),
        left: call('left'),
        tidy: call('tidy'),
        add: call('add'),
        count: () => workers.reduce((sum, worker) => sum + worker.count, 0),
        onStart(listener) {
          for (const worker of workers) worker.onStart = listener
        },
        go: () => Promise.all(workers.map((worker) => worker.call('start'))),
        stop: () => Promise.all([producer, ...workers].map((each) => each.end())),
      }
    },
  }
}
