import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { consoleForTests } from '../support/browser.ts'
import { createTestCluster, freePort } from '../support/cluster.ts'
import { PASSWORD } from '../support/console-cluster.ts'
import { watchProblems } from '../support/page-problems.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests()

const LARGEST_FIRST_LOAD = 300_000

test('the address of the cluster leads a browser to the console, and a first load is small, signed in or not', async () => {
  const page = await tako.openConsole({ path: '/', user: 'nobody' })
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/app\b/)
  expect(await bytesLoaded(page)).toBeLessThan(LARGEST_FIRST_LOAD)
  const nodes = await tako.openConsole({ path: '/app/nodes' })
  await nodes.getByText('node-b', { exact: true }).first().waitFor()
  expect(await bytesLoaded(nodes)).toBeLessThan(LARGEST_FIRST_LOAD)
})

/** Of everything that drawing the page took, as it came over the wire. Scripts must have come compressed. */
async function bytesLoaded(page: Page): Promise<number> {
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => entry as PerformanceResourceTiming)
      // What is fetched ahead afterwards is for other pages.
      .filter(({ name, initiatorType }) => !(initiatorType === 'fetch' && name.includes('/assets/')))
      .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, encodedBodySize, decodedBodySize })),
  )
  const scripts = loaded.filter(({ name, decodedBodySize }) => /\/assets\/.*\.js$/.test(name) && decodedBodySize > 4000)
  expect(scripts.length).toBeGreaterThan(0)
  expect(scripts.filter(({ encodedBodySize, decodedBodySize }) => encodedBodySize > 0.6 * decodedBodySize)).toEqual([])
  return loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
}

test('page, files and API say what a browser may do with them: no frames, no guessing of types, no scripts but their own', async () => {
  const { url } = tako.cluster
  const page = await fetch(`${url}/app/nodes`)
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).not.toContain('unsafe')
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("object-src 'none'")
  const html = await page.text()
  expect(html).not.toMatch(/<script(?![^>]* src=)/)
  expect(html).not.toMatch(/\son\w+=|javascript:/)
  const [, script = ''] = /<script[^>]* src="(\/app\/assets\/[^"]+)"/.exec(html) ?? []
  for (const path of [
    '/app/nodes',
    script,
    '/app/recovery.js',
    '/api',
    '/api/users/me',
    '/api/nothing',
    '/app/assets/gone.js',
  ]) {
    const { headers } = await fetch(url + path)
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
    expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY'])
    expect([path, headers.get('content-security-policy')?.includes("frame-ancestors 'none'")]).toEqual([path, true])
    expect([path, headers.get('referrer-policy')]).toEqual([path, 'no-referrer'])
  }
  expect((await fetch(`${url}/app/assets/gone.js`)).headers.get('cache-control')).toMatch(/no-store/)
})

test('a session is a cookie that no script reads and no other site sends', async () => {
  const answer = await fetch(`${tako.cluster.url}/api/users/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Username: 'admin', Password: PASSWORD }),
  })
  const cookies = answer.headers.getSetCookie()
  expect(cookies).toHaveLength(2)
  for (const cookie of cookies) expect(cookie).toMatch(/; SameSite=Strict/i)
  expect(cookies.find((cookie) => cookie.startsWith('OctopusIdentificationToken_'))).toMatch(/; HttpOnly/i)
})

test('a script or a style that was written into the page does nothing, and the harness of these tests tells', async () => {
  const page = await tako.openConsole({ path: '/app', user: 'nobody', expects: [/Content Security Policy/] })
  await page.getByRole('heading', { level: 1 }).waitFor()
  const problems = watchProblems(page)
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.body.dataset.injected = "1"'
    const style = document.createElement('style')
    style.textContent = 'body { outline: 3px solid rgb(1, 2, 3) }'
    document.body.append(script, style)
  })
  await until('both are told', () => problems.unexpected().length >= 2)
  expect(problems.unexpected().every((problem) => problem.includes('Content Security Policy'))).toBe(true)
  expect(
    await page.evaluate(() => document.body.dataset.injected ?? getComputedStyle(document.body).outlineStyle),
  ).toBe('none')
})

test('a session holds on every node, and goes on when the node behind it dies', async () => {
  const { cluster } = tako
  const answer = await fetch(`${cluster.node('node-a').url}/api/users/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Username: 'admin', Password: PASSWORD }),
  })
  expect(answer.status).toBe(200)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const me = async (url: string) => (await fetch(`${url}/api/users/me`, { headers: { cookie } })).status
  const names = ['node-a', 'node-b', 'node-c']
  expect(await Promise.all(names.map((name) => me(cluster.node(name).url)))).toEqual([200, 200, 200])
  await cluster.kill('node-a')
  expect(await Promise.all(Array.from({ length: 9 }, () => me(cluster.url)))).toEqual(Array(9).fill(200))
  await cluster.start('node-a')
})

test('an event stream through the front door breaks when its node dies, and the next one is of another node', async () => {
  const { cluster } = tako
  const cookie = (await cluster.sessionOf('admin')).map(({ name, value }) => `${name}=${value}`).join('; ')
  const open = async () => {
    const response = await fetch(`${cluster.url}/api/events/stream`, { headers: { cookie } })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    return response
  }
  const streams = await Promise.all([open(), open(), open()])
  const ends = streams.map((stream) =>
    stream.text().then(
      () => 'ended',
      () => 'ended',
    ),
  )
  await cluster.kill('node-b')
  expect(await Promise.race(ends)).toBe('ended')
  const again = await open()
  const first = await again.body?.pipeThrough(new TextDecoderStream()).getReader().read()
  expect(first?.value).toContain('hello')
  await cluster.start('node-b')
})

test('a node without its database serves the page, and says of everything else that it waits', async () => {
  const bare = await createTestCluster()
  try {
    const nowhere = `postgres://nobody@127.0.0.1:${await freePort()}/none`
    const node = await bare.launch('node-x', { TAKO_DATABASE_URL: nowhere })
    const page = await until('the page comes', () => fetch(`${node.url}/app/tasks`).catch(() => undefined))
    expect(page.status).toBe(200)
    const [, script] = /<script[^>]* src="(\/app\/assets\/[^"]+)"/.exec(await page.text()) ?? []
    expect((await fetch(node.url + script)).status).toBe(200)
    expect((await fetch(`${node.url}/api/users/me`)).status).toBe(503)
  } finally {
    await bare.close()
  }
})
