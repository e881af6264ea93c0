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

/**
 * What a worker does for each no-op task: it counts, and tells the count 10 ms later, or on request each start at once.
 * While nothing starts it costs nothing.
 */
export function createReporter(eachStart) {
  let count = 0
  let timer
  const tell = () => {
    timer = undefined
    process.send({ count })
  }
  return (id) => {
    count += 1
    if (timer === undefined) timer = setTimeout(tell, 10)
    if (eachStart) process.send({ started: id, at: now() })
  }
}
