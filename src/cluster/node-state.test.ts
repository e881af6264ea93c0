import { expect, test } from 'vitest'
import { type NodeFacts, nodeStatus, offlineCause } from './node-state.ts'

const online: NodeFacts = {
  hasBeatRow: true,
  goodbye: false,
  lost: false,
  silent: false,
  hasVitals: true,
  drain: false,
  running: 0,
}

test('the gravest of what is true is the state: offline, starting, draining or drained, online', () => {
  expect(nodeStatus(online)).toBe('Online')
  expect(nodeStatus({ ...online, running: 3 })).toBe('Online')
  expect(nodeStatus({ ...online, drain: true, running: 1 })).toBe('Draining')
  expect(nodeStatus({ ...online, drain: true })).toBe('Drained')
  expect(nodeStatus({ ...online, drain: true, hasVitals: false })).toBe('Starting')
  for (const grave of [{ goodbye: true }, { lost: true }, { silent: true }, { hasBeatRow: false }]) {
    expect(nodeStatus({ ...online, drain: true, hasVitals: false, ...grave })).toBe('Offline')
  }
})

test('an offline node says why, the mark before all else; another says nothing', () => {
  expect(offlineCause(online, undefined)).toBeUndefined()
  expect(offlineCause({ ...online, goodbye: true }, undefined)).toMatch(/stopped in order/)
  expect(offlineCause({ ...online, silent: true }, undefined)).toMatch(/no heartbeat/)
  expect(offlineCause({ ...online, lost: true, goodbye: true, silent: true }, 'Its process is gone.')).toBe(
    'Its process is gone.',
  )
  expect(offlineCause({ ...online, hasBeatRow: false }, undefined)).toMatch(/registration is gone/)
})
