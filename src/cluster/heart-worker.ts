import { parentPort, workerData } from 'node:worker_threads'
import { surviveDriverFaults } from '../database/driver-faults.ts'
import { systemClock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import { createLog } from '../lib/log.ts'
import { must } from '../lib/must.ts'
import { HeartMemory } from './heart-memory.ts'
import type { HeartInput, HeartMessage, HeartRequest } from './heart-messages.ts'
import { startHeartbeat } from './heartbeat.ts'
import { createLeaseFile } from './lease-file.ts'

/** The heart's thread: connects the loop in heartbeat.ts with the main thread, and does nothing else. */
const port = must(parentPort, 'this module runs in a thread of its own')
const input = workerData as HeartInput
const log = createLog(input.logLevel, { node: input.node, thread: 'heart' })
surviveDriverFaults(log)
const tell = (message: HeartMessage) => port.postMessage(message)

const heartbeat = startHeartbeat(input, {
  memory: new HeartMemory(input.memory),
  leaseFile: createLeaseFile(input.leaseFile, input.incarnation),
  clock: systemClock,
  log,
  onBeat: (report) => tell({ tell: 'beat', report }),
  onEnd: (sentence) => tell({ tell: 'end', sentence }),
  die(sentence) {
    log.fatal(sentence)
    process.kill(process.pid, 'SIGKILL')
  },
})

port.on('message', (request: HeartRequest) => {
  if (request.ask === 'say') return heartbeat.say(request.vitals)
  const act = request.ask === 'goodbye' ? heartbeat.goodbye() : heartbeat.stop()
  act.then(
    () => tell({ tell: 'done', ask: request.ask }),
    (error: unknown) => tell({ tell: 'done', ask: request.ask, fault: messageOf(error) }),
  )
})
