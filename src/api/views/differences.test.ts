import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Difference, differencesBetween } from './differences.ts'

test('a change, an addition and a removal are told apart, with the value before and after', () => {
  const before = { MaxConcurrentTasks: 5, Reason: 'patching', Tags: ['a'] }
  const after = { MaxConcurrentTasks: 2, Deadline: null, Tags: ['a'] }
  expect(differencesBetween(before, after)).toEqual([
    { op: 'replace', path: '/MaxConcurrentTasks', from: 5, value: 2 },
    { op: 'remove', path: '/Reason', from: 'patching' },
    { op: 'add', path: '/Deadline', value: null },
  ])
})

test('objects within are compared field by field, and names with slashes are escaped', () => {
  expect(differencesBetween({ Drain: { By: 'admin', 'a/b': 1 } }, { Drain: { By: 'admin', 'a/b': 2 } })).toEqual([
    { op: 'replace', path: '/Drain/a~1b', from: 1, value: 2 },
  ])
})

test('carrying out the differences turns the one into the other', () => {
  const flat = fc.dictionary(
    fc.stringMatching(/^[A-Z][a-z]{0,2}$/),
    fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
  )
  fc.assert(
    fc.property(flat, flat, (before, after) => {
      const made: Record<string, unknown> = { ...before }
      for (const difference of differencesBetween(before, after)) carryOut(made, difference)
      expect(made).toEqual({ ...after })
    }),
  )
})

function carryOut(document: Record<string, unknown>, { op, path, value }: Difference) {
  const name = path.slice(1)
  if (op === 'remove') delete document[name]
  else document[name] = value
}
