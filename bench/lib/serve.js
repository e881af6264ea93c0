import { now } from './clock.js'

/** Answers the calls of the parent process (see `Child`), and ends with it. */
export function serveParent(methods) {
  process.on('disconnect', () => process.exit(1))
  process.on('message', async ({ call, method, args }) => {
    try {
      process.send({ call, result: await methods[method](...args) })
    } catch (error) {
      process.send({ call, error: error?.stack ?? String(error) })
    }
  })
  process.send({ ready: true })
}

/** What a worker does for each no-op task: it counts, tells the count every 10 ms, and on request the moment of each start. */
export function createReporter(eachStart) {
  let count = 0
  let told = 0
  setInterval(() => {
    if (count === told) return
    told = count
    process.send({ count })
  }, 10).unref()
  return (id) => {
    count += 1
    if (eachStart) process.send({ started: id, at: now() })
  }
}
