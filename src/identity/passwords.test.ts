import { expect, test } from 'vitest'
import { createPasswordHasher, defaultPasswordCost } from './passwords.ts'

const cheap = { logN: 10, r: 8, p: 1 }

test('a password is verified, another is not, and hashes of the same password differ', async () => {
  const hasher = createPasswordHasher(cheap)
  const [one, two] = [await hasher.hash('s3cret pässword'), await hasher.hash('s3cret pässword')]
  expect(one).not.toBe(two)
  expect(one).toMatch(/^scrypt\$ln=10,r=8,p=1\$[\w+/]{22}==\$[\w+/]{43}=$/)
  expect(await hasher.verify('s3cret pässword', one)).toBe(true)
  expect(await hasher.verify('s3cret pa\u0308ssword', two)).toBe(true)
  expect(await hasher.verify('s3cret password', one)).toBe(false)
  expect(await hasher.verify('', one)).toBe(false)
})

test('what is no hash verifies nothing', async () => {
  const hasher = createPasswordHasher(cheap)
  for (const stored of [undefined, '', 'x', 'scrypt$ln=10,r=8,p=1$AAAA$AAAA', 'plain']) {
    expect(await hasher.verify('', stored)).toBe(false)
  }
})

test('today’s cost is at least N = 2^17, and a hash of another cost is verified and is outdated', async () => {
  expect(defaultPasswordCost.logN).toBeGreaterThanOrEqual(17)
  const old = await createPasswordHasher(cheap).hash('a password')
  const now = createPasswordHasher({ ...cheap, logN: 11 })
  expect(await now.verify('a password', old)).toBe(true)
  expect(now.isOutdated(old)).toBe(true)
  expect(now.isOutdated(await now.hash('a password'))).toBe(false)
})

test('an unknown user costs as long as a known one', async () => {
  const hasher = createPasswordHasher({ logN: 14, r: 8, p: 1 })
  const stored = await hasher.hash('a password')
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 5; round++) {
    known.push(await took(() => hasher.verify('wrong', stored)))
    unknown.push(await took(() => hasher.verify('wrong', undefined)))
  }
  expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2)
})

test('of many at once all are done, or refused when too many wait; the main thread stays free', async () => {
  const hasher = createPasswordHasher({ logN: 13, r: 8, p: 1 })
  let longestTurnMs = 0
  let last = performance.now()
  const ticking = setInterval(() => {
    longestTurnMs = Math.max(longestTurnMs, performance.now() - last)
    last = performance.now()
  }, 1)
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.verify('x', undefined)))
  clearInterval(ticking)
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(22)
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  expect(refused).toHaveLength(18)
  for (const refusal of refused) expect(refusal).toMatchObject({ code: 'Unavailable' })
  expect(longestTurnMs).toBeLessThan(200)
})

test('what the last check before the computation throws is thrown, and others go on', async () => {
  const hasher = createPasswordHasher(cheap)
  const stored = await hasher.hash('a password')
  const fail = async () => {
    throw new Error('not now')
  }
  await expect(hasher.verify('a password', stored, fail)).rejects.toThrow('not now')
  await expect(hasher.verify('a password', stored, fail)).rejects.toThrow('not now')
  expect(await hasher.verify('a password', stored)).toBe(true)
})

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
