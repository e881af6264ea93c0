import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Vitals } from '../../src/cluster/heart.ts'
import { HeartMemory } from '../../src/cluster/heart-memory.ts'
import { startHeartbeat } from '../../src/cluster/heartbeat.ts'
import { createLeaseFile, leaseFilePath } from '../../src/cluster/lease-file.ts'
import { acceptPeer } from '../../src/cluster/peers.ts'
import type { NodeWish, Registration } from '../../src/cluster/register.ts'
import type { Timings } from '../../src/cluster/timings.ts'
import { type ClusterWatch, createClusterWatch } from '../../src/cluster/watch.ts'
import { connect } from '../../src/database/connect.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLog } from '../../src/lib/log.ts'
import { FAST, register } from './cluster-room.ts'
import type { TestDatabase } from './database.ts'
import { until } from './until.ts'

/** A node without tasks, API and threads of its own: registered, listening, beating and watching, all in this process. */
export interface Member {
  registration: Registration
  watch: ClusterWatch
  /** How many links of others it has taken. */
  links(): number
  /** Ends its heart's session, its links and its listener at once, as the death of its process would. */
  die(): Promise<void>
  /** Closes the listener only. */
  stopListening(): Promise<void>
  /** Ends the heart's session only, for good. */
  stopBeating(): Promise<void>
  goodbye(): Promise<void>
  setStopping(): void
  close(): Promise<void>
}

export interface MemberOptions extends Partial<NodeWish> {
  timings?: Timings
  deathProof?: 'on' | 'off'
  vitals?: Vitals
}

const WELL: Vitals = {
  canClaim: true,
  fitness: { eventLoopLagMs: 1, databaseRoundTripMs: 1, clockDifferenceMs: 0, sharedFolderFreeBytes: 1, warnings: [] },
}

/** Starts one and waits until its heart beats. Its watch ticks only when the test says so. */
export async function startMember(database: TestDatabase, name: string, options: MemberOptions = {}): Promise<Member> {
  const { timings = FAST, deathProof = 'on', vitals = WELL, ...wish } = options
  const folder = mkdtempSync(join(tmpdir(), 'tako-member-'))
  const listener = await listen()
  const registration = await register(database.sql, name, { url: listener.url, ...wish }, { timings })
  listener.setIncarnation(registration.incarnation)
  const memory = new HeartMemory()
  const heart = startHeartbeat(
    {
      ...registration,
      databaseUrl: database.url,
      timings,
      lowestTimeline: 0,
      stallLimits: { warnAfterMs: 60_000, dieAfterMs: 90_000 },
    },
    {
      memory,
      leaseFile: createLeaseFile(leaseFilePath(folder, registration.incarnation), registration.incarnation),
      clock: systemClock,
      log: silentLog,
      onBeat: () => {},
      onEnd: () => {},
      die: () => {},
    },
  )
  heart.say(vitals)
  const sql = connect(database.url, { purpose: 'watch', owner: name, max: 1 })
  const pool = connect(database.url, { purpose: 'pool', owner: name, max: 3 })
  let isStopping = false
  const watch = createClusterWatch({
    ...registration,
    sql,
    pool,
    heart: {
      isTrusted: () => memory.isTrusted(systemClock.monotonicMs()),
      countRoundTrip: () => memory.countRoundTrip(),
    },
    timings,
    clock: systemClock,
    log: silentLog,
    deathProof,
    isStopping: () => isStopping,
  })
  await until(`the first beat of ${name}`, () => memory.isTrusted(systemClock.monotonicMs()))
  let beats = true
  const stopBeating = async () => {
    if (beats) await heart.stop()
    beats = false
  }
  return {
    registration,
    watch,
    links: listener.links,
    stopListening: listener.close,
    stopBeating,
    async die() {
      await Promise.all([listener.close(), stopBeating()])
    },
    goodbye: () => heart.goodbye(),
    setStopping() {
      isStopping = true
    },
    async close() {
      await Promise.all([listener.close(), stopBeating(), watch.stop()])
      await Promise.all([sql.end({ timeout: 0 }), pool.end({ timeout: 0 })])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An HTTP server that takes links, and whose every connection ends with it. */
async function listen() {
  let incarnation = ''
  let links = 0
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(404).end())
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    if (acceptPeer(request, socket, head, incarnation)) links += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    links: () => links,
    setIncarnation(id: string) {
      incarnation = id
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
