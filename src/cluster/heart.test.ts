import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../../test/support/cluster.ts'
import { type Member, startMember } from '../../test/support/cluster-member.ts'
import { events, FAST, register, SLOW } from '../../test/support/cluster-room.ts'
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts'
import { until } from '../../test/support/until.ts'
import { systemClock } from '../lib/clock.ts'
import { only } from '../lib/must.ts'
import { bootSeconds } from './lease-file.ts'
import type { Registration } from './register.ts'
import type { StallLimits } from './stall-watch.ts'
import type { Timings } from './timings.ts'

const PROCESS = fileURLToPath(new URL('../../test/support/heart-process.js', import.meta.url))

let database: TestDatabase
let folder: string
let children: ChildProcess[] = []
let members: Member[] = []
beforeEach(async () => {
  if (!existsSync(new URL('../../dist/cluster/heart.js', import.meta.url)))
    throw new Error('run `npm run build` first: this test runs processes from dist')
  database = await createTestDatabase()
  folder = mkdtempSync(joinPath(tmpdir(), 'tako-heart-'))
})
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  await Promise.all(members.map((member) => member.close()))
  children = []
  members = []
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

interface HeartProcess {
  registration: Registration
  child: ChildProcess
  exited: Promise<[number | null, NodeJS.Signals | null]>
  said: string[]
  command(line: string): void
}

/** A real process with a real heart. */
async function startProcess(
  timings: Timings,
  stallLimits: StallLimits = { warnAfterMs: 60_000, dieAfterMs: 90_000 },
): Promise<HeartProcess> {
  const port = await freePort()
  const registration = await register(database.sql, 'node-a', { url: `http://127.0.0.1:${port}` })
  const child = spawn(process.execPath, [PROCESS], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const exited = once(child, 'exit').then(([code, signal]) => [code, signal] as [number | null, NodeJS.Signals | null])
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  const command = (line: string) => void child.stdin?.write(`${line}\n`)
  command(
    JSON.stringify({ ...registration, port, databaseUrl: database.url, timings, leaseFolder: folder, stallLimits }),
  )
  await until('the first beat', () => said.includes('beating'))
  return { registration, child, exited, said, command }
}

async function beatRow({ registration }: HeartProcess) {
  const rows = await database.sql<
    { beat: number; can_claim: boolean; lost: boolean; goodbye: boolean; warnings: string[]; age: number }[]
  >`
    select beat, can_claim, lost, goodbye, fitness -> 'warnings' as warnings,
           extract(epoch from clock_timestamp() - last_seen)::float8 * 1000 as age
    from node_beat where incarnation = ${registration.incarnation}`
  return only(rows)
}

test('a main thread that is blocked for three leases keeps its heart beating and its lease trusted', async () => {
  const heart = await startProcess(FAST)
  const before = await beatRow(heart)
  heart.command(`block ${3 * FAST.leaseDurationMs}`)
  const end = systemClock.monotonicMs() + 3 * FAST.leaseDurationMs
  while (systemClock.monotonicMs() < end) {
    await systemClock.sleep(100)
    expect((await beatRow(heart)).age).toBeLessThan(FAST.leaseDurationMs)
  }
  heart.command('trusted')
  await until('the end of the block', () => heart.said.includes('done block'))
  await until('its word', () => heart.said.some((line) => line.startsWith('trusted')))
  expect(heart.said).toContain('trusted true')
  expect((await beatRow(heart)).beat - before.beat).toBeGreaterThan(8)
})

test('a main thread that does not answer any more: the node takes no tasks, and its process is killed', async () => {
  const heart = await startProcess(FAST, { warnAfterMs: 1000, dieAfterMs: 3000 })
  await until('it claims', async () => (await beatRow(heart)).can_claim)
  heart.command('block 60000')
  await until('it claims nothing', async () => !(await beatRow(heart)).can_claim)
  expect((await beatRow(heart)).warnings).toEqual([expect.stringContaining('main thread has not turned')])
  expect(await heart.exited).toEqual([null, 'SIGKILL'])
})

test('a main thread that turns but reaches no database ends its process as well', async () => {
  const heart = await startProcess(FAST, { warnAfterMs: 1000, dieAfterMs: 3000 })
  await until('it claims', async () => (await beatRow(heart)).can_claim)
  heart.command('wedge')
  await until('it claims nothing', async () => !(await beatRow(heart)).can_claim)
  expect((await beatRow(heart)).warnings).toEqual([expect.stringContaining('no database round trip')])
  expect(await heart.exited).toEqual([null, 'SIGKILL'])
})

test('a frozen process is not to blame when it goes on: it neither warns nor dies', async () => {
  const heart = await startProcess(SLOW, { warnAfterMs: 1000, dieAfterMs: 1500 })
  await systemClock.sleep(500)
  heart.child.kill('SIGSTOP')
  await systemClock.sleep(3000)
  heart.child.kill('SIGCONT')
  const { beat } = await beatRow(heart)
  await until('beats', async () => (await beatRow(heart)).beat > beat + 10)
  expect(await beatRow(heart)).toMatchObject({ can_claim: true, warnings: [] })
  expect(heart.child.exitCode).toBeNull()
})

test('a frozen process loses its trust by its own clock, before it has asked anybody', async () => {
  const heart = await startProcess(FAST)
  // Its statements are prepared by then: stopped while it prepares one it would hold the table, and with it the test, up
  await until('some beats', async () => (await beatRow(heart)).beat > 5)
  heart.child.kill('SIGSTOP')
  await systemClock.sleep(2 * FAST.leaseDurationMs)
  await database.sql`alter table node_beat rename to node_beat_away`
  heart.command('trusted')
  heart.child.kill('SIGCONT')
  await until('its word', () => heart.said.some((line) => line.startsWith('trusted')))
  expect(heart.said).toContain('trusted false')
})

test('the end of the incarnation reaches the main thread, with its cause', async () => {
  const heart = await startProcess(FAST)
  await database.sql`update node_beat set lost = true, lost_cause = 'its process is gone.'`
  await until('the end', () => heart.said.some((line) => line.startsWith('ended')))
  expect(heart.said.filter((line) => line.startsWith('ended'))).toEqual([
    'ended This start of node node-a was marked lost: its process is gone.',
  ])
  heart.command('trusted')
  await until('its word', () => heart.said.includes('trusted false'))
})

test('goodbye is said once, stopping tells nothing more and removes the lease file', async () => {
  const heart = await startProcess(FAST)
  const file = joinPath(folder, `${heart.registration.incarnation}.lease`)
  expect(bootSeconds() - Number(readFileSync(file, 'utf8').slice(0, 15))).toBeLessThan(2)
  heart.command('goodbye')
  await until('goodbye', () => heart.said.includes('goodbye'))
  expect(await beatRow(heart)).toMatchObject({ goodbye: true })
  heart.command('stop')
  await until('stopped', () => heart.said.includes('stopped'))
  expect(readdirSync(folder)).toEqual([])
  expect(heart.said.some((line) => line.startsWith('ended'))).toBe(false)
})

test('kill -9 of a leader: proof, mark and the next leader follow one another at once', async () => {
  const timings: Timings = {
    ...SLOW,
    heartbeatIntervalMs: 1000,
    taskLeaseMs: { fail: 90_000, rerun: 90_000, resume: 90_000 },
  }
  const victim = await startProcess(timings)
  const b = await startMember(database, 'node-b', { timings })
  members.push(b)
  await database.sql`update leadership set term = 7, node = 'node-a', incarnation = ${victim.registration.incarnation}`
  await until('its vitals', async () => (await beatRow(victim)).can_claim)
  await b.watch.tick()
  expect(b.watch.view()?.leadership.leader).toBe('node-a')
  await systemClock.sleep(300)
  const killed = performance.now()
  victim.child.kill('SIGKILL')
  while (!b.watch.isLeader() && performance.now() - killed < 10_000) await systemClock.sleep(2)
  const tookMs = performance.now() - killed
  expect(b.watch.isLeader()).toBe(true)
  expect((await events(database.sql, 'NodeLost'))[0]?.after).toMatchObject({ Proven: true })
  // Far below a beat: it was the link's end that told, not the silence.
  expect(tookMs).toBeLessThan(1000)
  if (process.env.TAKO_TEST_REPORT) process.stdout.write(`kill -9 to the next leader: ${tookMs.toFixed(0)} ms\n`)
})
