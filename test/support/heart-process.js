// A process with a real heart (its thread included) and a listener for links, and nothing else: run from dist by
// src/cluster/heart.test.ts. Its first line of input holds its options as JSON; each line after it is a command.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { startHeart } from '../../dist/cluster/heart.js'
import { acceptPeer } from '../../dist/cluster/peers.js'
import { systemClock } from '../../dist/lib/clock.js'
import { createLog } from '../../dist/lib/log.js'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const options = JSON.parse((await lines.next()).value)
const say = (line) => process.stdout.write(`${line}\n`)

const server = createServer((_, response) => response.writeHead(404).end())
server.on('upgrade', (request, socket, head) => acceptPeer(request, socket, head, options.incarnation))
server.listen(options.port, '127.0.0.1')

const heart = await startHeart({ ...options, clock: systemClock, log: createLog('silent', {}), logLevel: 'fatal' })
heart.onEnd((reason) => say(`ended ${reason.message}`))
heart.say({
  canClaim: true,
  fitness: { eventLoopLagMs: 1, databaseRoundTripMs: 1, clockDifferenceMs: 0, warnings: [] },
})
const trips = setInterval(() => heart.countRoundTrip(), 50)
say('beating')

const commands = {
  /** Turns no more for so many milliseconds. */
  block: (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms)),
  /** Turns, but completes no round trip any more. */
  wedge: () => clearInterval(trips),
  trusted: () => say(`trusted ${heart.isTrusted()}`),
  goodbye: () => heart.goodbye().then(() => say('goodbye')),
  stop: () => heart.stop().then(() => say('stopped')),
}
for (;;) {
  const { value, done } = await lines.next()
  if (done) process.exit(0)
  const [command, argument] = value.split(' ')
  await commands[command](argument)
  say(`done ${command}`)
}
