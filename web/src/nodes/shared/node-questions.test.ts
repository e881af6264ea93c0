import { expect, test } from 'vitest'
import {
  type ActingNode,
  declareDeadQuestion,
  deleteQuestion,
  retireQuestion,
  whyNoDeath,
  whyNoDelete,
  whyNoRetire,
} from './node-questions.ts'

const ONLINE: ActingNode = {
  Id: 'OctopusServerNodes-node-b',
  Name: 'node-b',
  Status: 'Online',
  IsLeader: false,
  IsOffline: false,
  Drain: null,
  RunningTaskCount: 2,
}
const OFFLINE: ActingNode = { ...ONLINE, Status: 'Offline', IsOffline: true, RunningTaskCount: 0 }

test('only an offline node with nothing unsettled can be deleted', () => {
  expect(whyNoDelete(ONLINE)).toMatch(/not offline/)
  expect(whyNoDelete({ ...OFFLINE, RunningTaskCount: 1 })).toBe('Not settled yet: 1 task of node-b.')
  expect(whyNoDelete(OFFLINE)).toBeUndefined()
})

test('a node that beats is not declared dead, one that is offline is not retired', () => {
  expect(whyNoDeath(ONLINE)).toMatch(/beats/)
  expect(whyNoDeath(OFFLINE)).toBeUndefined()
  expect(whyNoRetire(ONLINE)).toBeUndefined()
  expect(whyNoRetire(OFFLINE)).toMatch(/Delete it instead/)
})

test('questions name the node and the consequence', () => {
  expect(deleteQuestion(OFFLINE)).toMatchObject({ title: 'Delete node-b?', isDangerous: true })
  expect(retireQuestion(ONLINE).body).toMatch(/ends the 2 tasks that it runs/)
  expect(retireQuestion({ ...ONLINE, RunningTaskCount: 0 }).body).toMatch(/takes no more tasks, stops/)
  expect(declareDeadQuestion(OFFLINE)).toMatchObject({ typeToConfirm: 'node-b' })
})
