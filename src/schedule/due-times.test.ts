import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jitterMs } from './due-times.ts'

test('the shift is stable, lies within the period, and differs between jobs', () => {
  fc.assert(
    fc.property(fc.string(), fc.uuid(), fc.integer({ min: 1000, max: 10 ** 9 }), (job, installation, everyMs) => {
      const shift = jitterMs(job, installation, everyMs)
      expect(shift).toBe(jitterMs(job, installation, everyMs))
      expect(shift).toBeGreaterThanOrEqual(0)
      expect(shift).toBeLessThan(everyMs)
    }),
  )
  const id = '6f2c1a54-9f0e-4a55-8f43-6a4a3b8f8a11'
  expect(jitterMs('retention', id, 3_600_000)).not.toBe(jitterMs('reindex', id, 3_600_000))
})
