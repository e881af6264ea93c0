import { expect, test } from 'vitest'
import { createApiKey, createPassword, createToken, hasKeyChecksum, isApiKey, keyHint } from './secrets.ts'

test('a key has the form that clients check, its checksum, and is never the same', () => {
  const keys = Array.from({ length: 1000 }, createApiKey)
  expect(new Set(keys).size).toBe(1000)
  for (const key of keys) {
    expect(key).toMatch(/^API-[A-Z2-7]{38}$/)
    expect(isApiKey(key)).toBe(true)
    expect(hasKeyChecksum(key)).toBe(true)
  }
})

test('a mistyped key fails its checksum', () => {
  const key = createApiKey()
  const other = key.charAt(10) === 'A' ? 'B' : 'A'
  expect(hasKeyChecksum(key.slice(0, 10) + other + key.slice(11))).toBe(false)
  expect(hasKeyChecksum('API-GIVENFROMOUTSIDE')).toBe(false)
})

test.each(['', 'API-', 'api-ABC', 'API-abc', 'API-A-B', 'XAPI-ABC', 'API-ABC ', `API-${'A'.repeat(201)}`])(
  '«%s» is no key',
  (text) => expect(isApiKey(text)).toBe(false),
)

test('a hint tells a key from others and gives next to nothing of it away', () => {
  const key = createApiKey()
  expect(keyHint(key)).toBe(`${key.slice(0, 8)}...`)
})

test('every letter of the alphabet comes about equally often', () => {
  const counts = new Map<string, number>()
  for (let i = 0; i < 1000; i++) {
    for (const letter of createApiKey().slice(4, 36)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  }
  expect(counts.size).toBe(32)
  for (const count of counts.values()) {
    expect(count).toBeGreaterThan(800)
    expect(count).toBeLessThan(1200)
  }
})

test('a token carries 256 bits, a made-up password 120', () => {
  expect(Buffer.from(createToken(), 'base64url')).toHaveLength(32)
  expect(createPassword()).toMatch(/^([a-km-np-z2-9]{6}-){3}[a-km-np-z2-9]{6}$/)
})
