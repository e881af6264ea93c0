import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { must } from '../lib/must.ts'
import { identifyProcess } from './process-identity.ts'
import { endRecordedNodes, readRecord, removeRecord, writeRecord } from './up-record.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-record-'))
  file = join(folder, 'up.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const never = new AbortController().signal

test('what is written is read; what is no record is none', () => {
  const nodes = [{ name: 'node-a', pid: 7, startedAt: 'boot 1' }]
  writeRecord(file, nodes)
  expect(readRecord(file)).toEqual(nodes)
  removeRecord(file)
  expect(readRecord(file)).toEqual([])
  for (const text of ['', '[]', '{"nodes":7}', '{"nodes":[{"pid":"7"},null]}']) {
    writeFileSync(file, text)
    expect(readRecord(file)).toEqual([])
  }
})

test('the nodes of an earlier run are waited for, and strangers with their numbers are let be', async () => {
  const [node, stranger] = [spawn('sleep', ['0.5']), spawn('sleep', ['30'])]
  await Promise.all([once(node, 'spawn'), once(stranger, 'spawn')])
  writeRecord(file, [
    { name: 'node-a', ...must(identifyProcess(node.pid ?? 0)) },
    { name: 'node-b', pid: stranger.pid ?? 0, startedAt: 'earlier 1' },
  ])
  const said: string[] = []
  await endRecordedNodes(file, (sentence) => said.push(sentence), never)
  expect(said).toEqual(['Waiting for what an earlier run left behind: node-a'])
  expect(stranger.exitCode).toBeNull()
  expect(identifyProcess(node.pid ?? 0)).toBeUndefined()
  stranger.kill('SIGKILL')
  await once(stranger, 'exit')
})
