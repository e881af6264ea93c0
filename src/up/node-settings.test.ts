import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { comebackCommand, nodeSettings, planNodes, renderEnvFile } from './node-settings.ts'

const cluster = {
  databaseUrl: 'postgres://tako:pw@127.0.0.1:5/tako',
  sharedDir: '/srv/tako/shared',
  masterKey: 'a+/=',
  adminPassword: 'pw',
}
const node = { name: 'node-b', port: 8082 }

test('nodes are named by letter, on the ports after the front door', () => {
  expect(planNodes(3, 8080)).toEqual([
    { name: 'node-a', port: 8081 },
    { name: 'node-b', port: 8082 },
    { name: 'node-c', port: 8083 },
  ])
})

test('a node is told its place, and what the operator set for all, but not what is meant for clients', () => {
  const given = {
    TAKO_LEASE_DURATION: '10s',
    TAKO_NAME: 'other',
    TAKO_URL: 'http://x',
    TAKO_API_KEY: 'API-X',
    TAKO_NODE_URL: 'http://y',
    HOME: '/root',
  }
  expect(nodeSettings(node, cluster, given)).toEqual({
    TAKO_LAME_DUCK: '0',
    TAKO_ADMIN_USERNAME: 'admin',
    TAKO_LEASE_DURATION: '10s',
    TAKO_NAME: 'node-b',
    TAKO_LISTEN: '127.0.0.1:8082',
    TAKO_DATABASE_URL: cluster.databaseUrl,
    TAKO_SHARED_DIR: cluster.sharedDir,
    TAKO_MASTER_KEY: 'a+/=',
    TAKO_ADMIN_PASSWORD: 'pw',
  })
})

test('a lame duck that the operator asked for is kept', () => {
  expect(nodeSettings(node, cluster, { TAKO_LAME_DUCK: '3s' }).TAKO_LAME_DUCK).toBe('3s')
})

test.each([
  ['plain values', 'node.env', { TAKO_NAME: 'node-b', TAKO_MASTER_KEY: 'a+/=' }],
  ['blanks and quotes', 'node b.env', { TAKO_NAME: 'node-b', TAKO_SHARED_DIR: "/srv/it's *here*/$HOME" }],
])('the comeback command gives a shell exactly the settings: %s', (_, fileName, settings) => {
  const folder = mkdtempSync(join(tmpdir(), 'tako-env-'))
  try {
    writeFileSync(join(folder, fileName), renderEnvFile(settings))
    const command = comebackCommand(join(folder, fileName), settings).replace('npx tako server', 'env')
    const lines = execFileSync('sh', ['-c', command], { encoding: 'utf8', env: { PATH: process.env.PATH } }).split('\n')
    for (const [name, value] of Object.entries(settings)) expect(lines).toContain(`${name}=${value}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the short form is offered when nothing needs quoting', () => {
  expect(comebackCommand('.tako/node-b.env', { TAKO_NAME: 'node-b' })).toBe(
    'env $(cat .tako/node-b.env) npx tako server',
  )
})
