import type { Page, Request } from 'playwright-core'
import { expect, test } from 'vitest'
import { consoleForTests, expectNoAxeViolations } from '../support/browser.ts'
import { createOtherBuild } from '../support/other-build.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests({ nodes: ['node-a', 'node-b'] })

const OUTAGE = [/answer: \w+ \S+ 50[234]/, /no answer:/, /Failed to load resource/]
/** Of a file of the console that the node which was asked does not have. */
const MISSING = [
  /answer: GET \/app\/assets\/\S+ 404/,
  /dynamically imported module/,
  /Refused to apply style from '\S+\/app\/assets\/\S+' because its MIME type/,
]
const PAGES = [
  '/app/nodes',
  '/app/nodes/OctopusServerNodes-node-a',
  '/app/tasks',
  '/app/tasks/new',
  '/app/jobs',
  '/app/audit',
  '/app/profile',
] as const

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const userMenu = (page: Page) => page.getByRole('button', { name: /^User menu of/ })
const notLive = (page: Page) => page.getByRole('status').getByText('Not live')
const isStream = (request: Request) => request.url().includes('/api/events/stream')
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '')

/** Resolves with the node that the user menu names, as soon as `isWanted` holds. */
async function servedBy(page: Page, isWanted: (name: string) => boolean = () => true): Promise<string> {
  await userMenu(page).click()
  const line = page.getByText(/^Served by /)
  const name = await until('the node that serves the page', async () => {
    const found = ((await line.textContent().catch(() => '')) ?? '').replace('Served by ', '')
    return found !== '' && isWanted(found) ? found : undefined
  })
  // The menu hears the key once it has the focus
  await page.getByRole('menu').getByRole('menuitem').first().focus()
  await page.keyboard.press('Escape')
  await line.waitFor({ state: 'detached' })
  return name
}

async function openNodes(options: { width?: number; height?: number } = {}): Promise<Page> {
  const page = await tako.openConsole({ path: '/app/nodes', ...options })
  await page.getByText('node-b', { exact: true }).first().waitFor()
  return page
}

test('the user menu names the node that serves the page; when that dies another one does, and the page stays live', async () => {
  const page = await openNodes()
  tako.expectProblems(page, ...OUTAGE)
  await page.evaluate(() => {
    document.body.dataset.mark = 'the same page'
  })
  const first = await servedBy(page)
  await tako.cluster.kill(first)
  const next = await servedBy(page, (name) => name !== first)
  expect([first, next].sort()).toEqual(['node-a', 'node-b'])
  await tako.cluster.node(next).api.post('/api/queue/pause', { Reason: 'seen without reload' })
  await page.getByText('The queue is paused.').waitFor()
  await tako.cluster.node(next).api.post('/api/queue/resume')
  await page.getByText('The queue is paused.').waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.body.dataset.mark)).toBe('the same page')
  expect(await notLive(page).count()).toBe(0)
  await tako.cluster.start(first)
})

test('while no node answers a mark says how old the data are, hardly anything is asked, and it goes on by itself', async () => {
  const page = await openNodes()
  tako.expectProblems(page, ...OUTAGE)
  await tako.cluster.kill('node-a')
  await tako.cluster.kill('node-b')
  await notLive(page).waitFor()
  await expect.poll(() => page.getByRole('status').getByText('Not live').textContent()).toMatch(/data of \d+ s ago/)
  expect(await page.getByText('node-b', { exact: true }).first().isVisible()).toBe(true)
  const asked: number[] = []
  const begin = Date.now()
  page.on('request', (request) => request.url().includes('/api/') && asked.push(Date.now() - begin))
  await until('the outage has lasted a while', () => Date.now() - begin > 8000)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.length).toBeLessThan(25)
  await tako.cluster.start('node-a')
  await notLive(page).waitFor({ state: 'detached' })
  await tako.cluster.start('node-b')
})

test('a hidden tab follows nothing and asks nothing; when it is seen again it shows what has happened', async () => {
  const page = await openNodes()
  await servedBy(page)
  const show = (state: 'hidden' | 'visible') =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }, state)
  const settled = page.waitForEvent('requestfinished', (request) => request.url().includes('/summary'))
  await settled
  const streamEnds = page.waitForEvent('requestfailed', isStream)
  await show('hidden')
  await streamEnds
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/api/') && asked.push(request.url()))
  await tako.cluster.api.post('/api/queue/pause')
  const begin = Date.now()
  // The nodes are read every 5 s otherwise.
  await until('more than the time between two reads has gone by', () => Date.now() - begin > 6000)
  expect(asked).toEqual([])
  expect(await page.getByText('The queue is paused.').count()).toBe(0)
  await show('visible')
  await page.getByText('The queue is paused.').waitFor()
  await tako.cluster.api.post('/api/queue/resume')
  await page.getByText('The queue is paused.').waitFor({ state: 'detached' })
  expect(asked.filter((url) => url.includes('/api/events/stream'))).toHaveLength(1)
})

test('the keyboard is enough: skip link, navigation, help sheet, menus, and the focus comes back', async () => {
  const page = await openNodes()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to the page')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('page')
  expect(new URL(page.url()).hash).toBe('')
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await heading(page, 'Cluster jobs').waitFor()
  await expect.poll(() => focused(page)).toBe('Cluster jobs')
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await help.waitFor()
  for (const label of [
    'Nodes',
    'Tasks',
    'Cluster jobs',
    'Audit',
    'Profile',
    'Show the shortcuts',
    'Close what is open',
  ])
    expect(await help.getByText(label, { exact: true }).count()).toBe(1)
  await page.keyboard.press('g')
  await page.keyboard.press('n')
  expect(await heading(page, 'Cluster jobs').count()).toBe(1)
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await expect.poll(() => focused(page)).toBe('Cluster jobs')
  await userMenu(page).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Profile and API keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^User menu/)
  await page.goBack()
  await heading(page, 'Nodes').waitFor()
  await page.goForward()
  await heading(page, 'Cluster jobs').waitFor()
})

test('screen readers find banner, navigation and main part, each control by its name, and the page one is on', async () => {
  const page = await openNodes()
  const banner = page.getByRole('banner').first()
  expect(await banner.getByRole('list', { name: 'The cluster' }).count()).toBe(1)
  expect(await banner.getByRole('button', { name: 'Keyboard shortcuts' }).count()).toBe(1)
  expect(await userMenu(page).getAttribute('aria-haspopup')).toBe('menu')
  const navigation = page.getByRole('navigation', { name: 'Pages' })
  const names = ['Nodes', 'Tasks', 'Cluster jobs', 'Audit', 'Profile']
  for (const name of names) expect(await navigation.getByRole('link', { name, exact: true }).count()).toBe(1)
  expect(await navigation.locator('[aria-current=page]').textContent()).toContain('Nodes')
  expect(await page.getByRole('main').count()).toBe(1)
  await userMenu(page).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe('dark')
  await page.reload()
  expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe('dark')
})

test('on a telephone no page is wider than the window, and the navigation is at the foot', async () => {
  const page = await openNodes({ width: 380, height: 800 })
  for (const path of PAGES) {
    await page.goto(tako.cluster.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 380])
  }
  const box = await page.getByRole('navigation', { name: 'Pages' }).boundingBox()
  expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(800)
  await expectNoAxeViolations(page, 'header')
})

test('in high contrast every state keeps its word, what is chosen an edge, and switches can be seen', async () => {
  const page = await openNodes()
  await page.emulateMedia({ forcedColors: 'active' })
  const edges = await page.evaluate(() => {
    const widthOf = (selector: string, property: 'outlineWidth' | 'borderTopWidth') => {
      const element = document.querySelector(selector)
      return element ? Number.parseFloat(getComputedStyle(element)[property]) : undefined
    }
    return {
      page: widthOf('nav [data-active]', 'outlineWidth'),
      switch: widthOf('.mantine-Switch-track', 'borderTopWidth'),
    }
  })
  expect(edges.page).toBeGreaterThan(0)
  expect(edges.switch ?? 1).toBeGreaterThan(0)
  expect(await page.getByText('Online', { exact: true }).first().isVisible()).toBe(true)
})

test('motion is left out for who wants none', async () => {
  const page = await openNodes()
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element)
        return `${transitionDuration},${animationDuration}`.split(',').some((text) => Number.parseFloat(text) > 0.02)
      }).length,
  )
  expect(moving).toBe(0)
})

test('no page breaks the content security policy, and what a page leads to is there', async () => {
  const page = await openNodes()
  for (const path of PAGES) {
    await page.goto(tako.cluster.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('load')
  }
})

test('while nodes have different builds of the console, it opens and leads everywhere, whichever node is asked for what', async () => {
  const other = createOtherBuild()
  try {
    await tako.cluster.node('node-b').stop()
    await tako.cluster.start('node-b', {}, other.root)
    const pages = await Promise.all(
      [0, 1].map(() => tako.openConsole({ path: '/app/nodes', expects: [...MISSING, ...OUTAGE] })),
    )
    for (const page of pages) {
      await page.getByText('node-b', { exact: true }).first().waitFor()
      for (const name of ['Tasks', 'Cluster jobs', 'Audit', 'Profile']) {
        await page.getByRole('link', { name, exact: true }).first().click()
        await heading(page, name).waitFor()
      }
    }
  } finally {
    await tako.cluster.node('node-b').stop()
    await tako.cluster.start('node-b')
    other.remove()
  }
})

test('a part that no node has any more leads to a few reloads, and then to a sentence', async () => {
  const page = await openNodes()
  tako.expectProblems(page, ...MISSING)
  let loads = 0
  page.on('load', () => {
    loads += 1
  })
  await page.route(/\/assets\/audit-page/, (route) => route.fulfill({ status: 404, body: 'gone' }))
  await page.getByRole('link', { name: 'Audit', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'This page failed' }).waitFor({ timeout: 60_000 })
  expect(loads).toBeGreaterThan(0)
  expect(loads).toBeLessThanOrEqual(6)
  await page.getByRole('link', { name: 'Cluster jobs', exact: true }).first().click()
  await heading(page, 'Cluster jobs').waitFor()
})

test('a first load that cannot succeed ends with a sentence and a button, not with a blank page', async () => {
  const page = await openNodes()
  tako.expectProblems(page, ...MISSING)
  await page.route(/\/assets\/index-/, (route) => route.fulfill({ status: 404, body: 'gone' }))
  await page.reload()
  await page.getByRole('heading', { name: 'The console could not be loaded' }).waitFor({ timeout: 60_000 })
  await page.unroute(/\/assets\/index-/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await heading(page, 'Nodes').waitFor()
})
