import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Contender, causeToLead, type Holder, suitability, voidBecause } from './leadership-rules.ts'

const a: Contender = { node: 'a', isLive: true, isDraining: false, taskCap: 5, canClaim: true, isAbstaining: false }
const b: Contender = { ...a, node: 'b' }
const holder: Holder = {
  node: 'x',
  isGone: false,
  lost: false,
  goodbye: false,
  isSilent: false,
  isDraining: false,
  taskCap: 5,
}
const vacant = { term: 3, holder: undefined, releasedBecause: 'x was drained' }

test('the first node of all leads as the first node; later the cause is why the seat is free', () => {
  expect(causeToLead(a, [], { term: 0, holder: undefined, releasedBecause: undefined })).toBe('first node')
  expect(causeToLead(a, [b], vacant)).toBe('x was drained')
})

test('a lead that is held by a node in good standing is taken by nobody', () => {
  expect(causeToLead(a, [b], { ...vacant, holder })).toBeUndefined()
})

test('a lead is void when its holder is gone, dead, stopped, silent or drained, and each has its words', () => {
  const faults: [Partial<Holder>, RegExp][] = [
    [{ isGone: true }, /registration of x is gone/],
    [{ lost: true }, /x died/],
    [{ goodbye: true }, /x was stopped/],
    [{ isSilent: true }, /lease of x expired/],
    [{ isDraining: true }, /x was drained/],
  ]
  for (const [fault, words] of faults) {
    expect(voidBecause({ ...holder, ...fault })).toMatch(words)
    expect(causeToLead(a, [b], { ...vacant, holder: { ...holder, ...fault } })).toMatch(words)
  }
  expect(voidBecause(holder)).toBeUndefined()
})

test('a drained node and a dead one never lead', () => {
  expect(causeToLead({ ...a, isDraining: true }, [], vacant)).toBeUndefined()
  expect(causeToLead({ ...a, isLive: false }, [], vacant)).toBeUndefined()
})

test('a node with task cap 0 leads only while no other can, and hands over as soon as one can', () => {
  const uiOnly = { ...a, taskCap: 0 }
  expect(causeToLead(uiOnly, [b], vacant)).toBeUndefined()
  expect(causeToLead(uiOnly, [{ ...b, isDraining: true }], vacant)).toBe('x was drained')
  expect(causeToLead(b, [uiOnly], { ...vacant, holder: { ...holder, taskCap: 0 } })).toBe('x has task cap 0')
  expect(
    causeToLead({ ...b, canClaim: false }, [uiOnly], { ...vacant, holder: { ...holder, taskCap: 0 } }),
  ).toBeUndefined()
  expect(
    causeToLead({ ...b, isAbstaining: true }, [uiOnly], { ...vacant, holder: { ...holder, taskCap: 0 } }),
  ).toBeUndefined()
})

test('who stepped down does not stand again unless nobody else can, not even a node with task cap 0', () => {
  const abstaining = { ...a, isAbstaining: true }
  expect(causeToLead(abstaining, [b], vacant)).toBeUndefined()
  expect(causeToLead(abstaining, [{ ...b, taskCap: 0 }], vacant)).toBeUndefined()
  expect(causeToLead(abstaining, [{ ...b, isLive: false }], vacant)).toBe('x was drained')
})

test('a vacant lead is never left to nobody while one live, undrained node stands', () => {
  const contender = fc.record({
    node: fc.string(),
    isLive: fc.boolean(),
    isDraining: fc.boolean(),
    taskCap: fc.integer({ min: 0, max: 2 }),
    canClaim: fc.boolean(),
    isAbstaining: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(contender, { minLength: 1, maxLength: 6 }), (nodes) => {
      const winners = nodes.filter(
        (me) =>
          causeToLead(
            me,
            nodes.filter((other) => other !== me),
            vacant,
          ) !== undefined,
      )
      expect(winners.length > 0).toBe(nodes.some(({ isLive, isDraining }) => isLive && !isDraining))
      const best = Math.max(...nodes.map(suitability))
      for (const winner of winners) expect(suitability(winner)).toBe(best)
    }),
  )
})
