import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../test/support/until.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { type FitnessWatch, startFitness, vitalsOf } from './fitness.ts'
import type { BeatReport, Vitals } from './heart.ts'
import { createSharedFolderProbe, type FolderTrial } from './shared-folder.ts'

let folder: string
let watch: FitnessWatch | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-fitness-'))
})
afterEach(async () => {
  await watch?.stop()
  watch = undefined
  rmSync(folder, { recursive: true, force: true })
})

const GIB = 1024 ** 3
const well: FolderTrial = { freeBytes: 50 * GIB, totalBytes: 100 * GIB, fault: undefined }
const quick = { lagMs: 3, roundTripMs: 1.26, clockDifferenceMs: -4.4 }

test('a node that is well says so in figures and has no warnings', () => {
  expect(vitalsOf(quick, well, [])).toEqual({
    canClaim: true,
    fitness: {
      eventLoopLagMs: 3,
      databaseRoundTripMs: 1.3,
      clockDifferenceMs: -4,
      sharedFolderFreeBytes: 50 * GIB,
      warnings: [],
    },
  })
})

test('what hinders work keeps it from claiming, and is a warning', () => {
  expect(
    vitalsOf(quick, { ...well, fault: 'The shared folder does not answer.' }, ['The schema is newer.']),
  ).toMatchObject({
    canClaim: false,
    fitness: { warnings: ['The schema is newer.', 'The shared folder does not answer.'] },
  })
})

test('what is merely worth knowing is a warning, and it goes on claiming', () => {
  const warningsOf = (measures: Partial<typeof quick>, trial: Partial<FolderTrial> = {}) => {
    const vitals = vitalsOf({ ...quick, ...measures }, { ...well, ...trial }, [])
    expect(vitals.canClaim).toBe(true)
    return vitals.fitness.warnings
  }
  expect(warningsOf({ lagMs: 1500 })).toEqual([expect.stringContaining('overloaded')])
  expect(warningsOf({ roundTripMs: 900 })).toEqual([expect.stringContaining('900ms to answer a heartbeat')])
  expect(warningsOf({ clockDifferenceMs: 600_000 })).toEqual(["This machine's clock is 10m ahead of the database's."])
  expect(warningsOf({ clockDifferenceMs: -3000 })).toEqual(["This machine's clock is 3s behind the database's."])
  expect(warningsOf({}, { freeBytes: 300 * 1024 ** 2 })).toEqual(['Only 300 MiB are free in the shared folder.'])
  expect(warningsOf({}, { freeBytes: 300 * 1024 ** 2, totalBytes: GIB })).toEqual([])
})

test('the shared folder is tried by writing and reading, and nothing is left in it', async () => {
  const trial = await createSharedFolderProbe(folder, 'node-a').try(2000)
  expect(trial).toEqual({ freeBytes: expect.any(Number), totalBytes: expect.any(Number), fault: undefined })
  expect(readdirSync(join(folder, '.canary'))).toEqual([])
})

test('a shared folder that cannot be used is told with its cause, and one that is back is well again', async () => {
  const probe = createSharedFolderProbe(join(folder, 'shared'), 'node-a')
  writeFileSync(join(folder, 'shared'), 'a file stands where the folder should be')
  expect((await probe.try(2000)).fault).toMatch(/^The shared folder .*shared cannot be used: /)
  rmSync(join(folder, 'shared'))
  expect((await probe.try(2000)).fault).toBeUndefined()
})

test('the heart is told what was found, at once and whenever it is looked at again', async () => {
  const said: Vitals[] = []
  let listener: ((report: BeatReport) => void) | undefined
  let hindrance: string[] = []
  watch = await startFitness({
    node: 'node-a',
    sharedFolder: folder,
    heart: {
      say: (vitals) => void said.push(vitals),
      onBeat(given) {
        listener = given
        return () => {}
      },
    },
    hindrances: () => hindrance,
    clock: systemClock,
    log: silentLog,
  })
  expect(said).toHaveLength(1)
  expect(watch.vitals()).toMatchObject({ canClaim: true, fitness: { sharedFolderFreeBytes: expect.any(Number) } })
  listener?.({ beat: 1, sentMs: 0, roundTripMs: 12, clockDifferenceMs: 7, timeline: 1, isPresenceHeld: true })
  hindrance = ['The schema is newer.']
  watch.look()
  await until('the next word', () => said.some(({ canClaim }) => !canClaim))
  expect(said.at(-1)).toMatchObject({ canClaim: false, fitness: { databaseRoundTripMs: 12, clockDifferenceMs: 7 } })
})
