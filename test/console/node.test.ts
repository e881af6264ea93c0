import type { Locator, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { only } from '../../src/lib/must.ts'
import { consoleForTests, expectNoAxeViolations } from '../support/browser.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests()

/** What a page meets while the node that answered it dies. */
const DYING = /(answer: GET \S+ 50[23])|(no answer: GET)/
const GONE = /answer: GET \/api\/octopusservernodes\/\S* 404/
const NODES = ['node-a', 'node-b', 'node-c'] as const
type Name = (typeof NODES)[number]

const pathOf = (node: Name) => `/app/nodes/OctopusServerNodes-${node}`
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const panel = (page: Page, name: string | RegExp) => page.getByRole('region', { name })
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
const fact = (page: Page, name: string) =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
const timeLine = (page: Page) => page.getByRole('list', { name: 'Time line, newest first' })

beforeAll(() => setCaps(5, 5, 5))

async function setCaps(...caps: readonly [number, number, number]): Promise<void> {
  for (const [index, name] of NODES.entries())
    await tako.cluster.api.put(`/api/octopusservernodes/${name}`, { MaxConcurrentTasks: caps[index] })
}

/** Has this node alone run the scripts, one for each description, and answers with the ids of their tasks. */
async function runOn(node: Name, descriptions: readonly string[], script = 'sleep 300'): Promise<string[]> {
  const { api } = tako.cluster
  const live = Object.keys(await api.nodes())
  const others = NODES.filter((name) => name !== node && live.includes(name))
  for (const name of others) await api.put(`/api/octopusservernodes/${name}`, { MaxConcurrentTasks: 0 })
  const ids: string[] = []
  for (const Description of descriptions) ids.push((await api.runScript(script, { Description })).Id)
  for (const id of ids) {
    await until(`${id} runs`, async () => (await api.get(`/api/tasks/${id}`)).NodeName === node)
  }
  for (const name of others) await api.put(`/api/octopusservernodes/${name}`, { MaxConcurrentTasks: 5 })
  return ids
}

async function pickSegment(page: Page, group: string, label: string): Promise<void> {
  await page.getByRole('radiogroup', { name: group }).getByText(label, { exact: true }).click()
}

async function confirm(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('dialog', { name: title }).getByRole('button', { name: action, exact: true }).click()
}

/** Of `expect.poll`, whose own patience is a second. */
const SOON = { timeout: 30_000 }

const textOf = (locator: Locator) => locator.first().textContent()

test('the facts of a node are there in full, and its addresses can be copied', async () => {
  const page = await tako.openConsole({ path: pathOf('node-b') })
  await heading(page, 'node-b').waitFor()
  const { 'node-b': node } = await tako.cluster.api.nodes()
  for (const [name, value] of [
    ['Version', node.Version],
    ['Direct URL', node.Url],
    ['Ping URL', node.PingUrl],
    ['Incarnation', node.Incarnation],
    ['Id', 'OctopusServerNodes-node-b'],
    ['Running', /^0 of 5/],
    ['Task cap', /^5/],
    ['Last seen', /ago|just now/],
    ['Started', /Up for \d+ /],
    ['Event loop lag', /^\d+(\.\d)? m?s/],
    ['Database round trip', /^\d+(\.\d)? m?s/],
    ['Clock difference', /ahead|behind|None/],
    ['Shared folder', /iB free/],
  ] as const) {
    await expect.poll(() => textOf(fact(page, name)), { ...SOON, message: name }).toMatch(value)
  }
  const { Cluster } = await tako.cluster.api.get('/api/octopusservernodes/summary')
  await expect.poll(() => textOf(fact(page, 'Rank')), SOON).toContain(String(Cluster.Term))
  await page.getByRole('button', { name: 'Copy ping URL' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(node.PingUrl)
  expect(await textOf(timeLine(page).getByRole('listitem').last())).toContain('Joined the cluster')
})

test('a task that runs is there with its kind and time, is cancelled from here, and leads to its page', async () => {
  const [patch = '', rotate = ''] = await runOn('node-b', ['Patch the fleet', 'Rotate the keys'])
  const page = await tako.openConsole({ path: pathOf('node-b') })
  await row(page, 'Patch the fleet').waitFor()
  expect(await textOf(row(page, 'Rotate the keys'))).toMatch(/AdHocScript.*Running.*\d+ s/)
  await page.getByRole('button', { name: `Cancel ${patch}`, exact: true }).click()
  await confirm(page, `Cancel ${patch}?`, 'Cancel task')
  await row(page, 'Patch the fleet').waitFor({ state: 'detached' })
  expect((await tako.cluster.api.get(`/api/tasks/${patch}`)).State).toBe('Canceled')
  await row(page, 'Rotate the keys').getByRole('link', { name: 'Rotate the keys' }).click()
  await expect.poll(() => new URL(page.url()).pathname, SOON).toBe(`/app/tasks/${rotate}`)
  await tako.cluster.api.post(`/api/tasks/${rotate}/cancel`)
})

test('the load is a picture with words, and a table for who wants numbers; the address keeps both', async () => {
  const [id = ''] = await runOn('node-b', ['Fails at once'], 'exit 1')
  await until('it failed', async () => (await tako.cluster.api.get(`/api/tasks/${id}`)).State === 'Failed')
  const page = await tako.openConsole({ path: pathOf('node-b') })
  const chart = page.getByRole('img', { name: /^Load of the last 60 minutes/ })
  await chart.waitFor()
  expect(await chart.locator('desc').textContent()).toMatch(/at most [1-9]\d* ran at the same time.* [1-9]\d* failed\./)
  await expect.poll(() => chart.locator('[data-failed]').count(), SOON).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Show as table' }).click()
  const rows = page.getByRole('table', { name: /^Load of the last/ }).getByRole('row')
  await expect.poll(() => rows.count(), SOON).toBe(61)
  await pickSegment(page, 'Span of the load', '15 min')
  await expect.poll(() => rows.count(), SOON).toBe(16)
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ minutes: '15', load: 'table' })
  await page.reload()
  await expect.poll(() => rows.count(), SOON).toBe(16)
})

test('a drain is started here and followed to its end, and ended', async () => {
  const [first = '', second = ''] = await runOn('node-a', ['Back up orders', 'Build the index'])
  const page = await tako.openConsole({ path: pathOf('node-a') })
  await row(page, 'Back up orders').waitFor()
  await page.getByRole('button', { name: 'Drain…' }).click()
  const form = page.getByRole('form', { name: 'Drain node-a' })
  await form.getByLabel('Reason').fill('new kernel')
  await pickSegment(page, 'Deadline', '1 h')
  await form.getByLabel('Cancel what still runs at the deadline').check()
  await form.getByRole('button', { name: 'Drain node-a' }).click()

  const drain = panel(page, 'Drain')
  await drain.getByText('2 tasks are left').waitFor()
  expect(await textOf(fact(page, 'Reason'))).toBe('new kernel')
  expect(await textOf(fact(page, 'Since'))).toMatch(/by admin$/)
  expect(await textOf(fact(page, 'Deadline'))).toMatch(/^In (1 h|59 min).*What still runs then is cancelled\./)
  expect(await fact(page, 'Deadline').locator('time').getAttribute('title')).toMatch(/\d{4}.*UTC/)
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), SOON).toBe('Change drain…')

  await tako.cluster.api.post(`/api/tasks/${first}/cancel`)
  await drain.getByText('1 task is left').waitFor()
  await drain.getByText('1 of 2 ended since the drain began').waitFor()
  await tako.cluster.api.post(`/api/tasks/${second}/cancel`)
  await drain.getByText('Nothing runs any more').waitFor()
  await page.getByRole('main').getByText('Drained', { exact: true }).first().waitFor()
  await timeLine(page).getByText('Drain started').waitFor()

  await drain.getByRole('button', { name: 'Undrain' }).click()
  await drain.waitFor({ state: 'detached' })
  await timeLine(page).getByText('Drain ended').waitFor()
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
})

test('a node that is killed says so, what it lost, and runs it again elsewhere', async () => {
  const [deploy = '', health = ''] = await runOn('node-c', ['Deploy billing', 'Check the health'])
  const page = await tako.openConsole({ path: pathOf('node-c') })
  await row(page, 'Deploy billing').waitFor()
  tako.expectProblems(page, DYING)
  await tako.cluster.kill('node-c')
  const notice = page.getByRole('status').filter({ hasText: 'node-c went offline' })
  await notice.waitFor()
  const lost = page.getByRole('table', { name: 'Tasks that node-c lost' })
  await expect.poll(() => lost.getByRole('row').count(), SOON).toBe(3)
  await notice.getByText('Run the 2 tasks that it lost again, below.').waitFor()
  expect(await notice.getByRole('list', { name: 'What to do' }).textContent()).toMatch(/then start it again/)
  await timeLine(page).getByText('Lost', { exact: true }).waitFor()

  await page.getByRole('checkbox', { name: `Choose ${deploy}` }).check()
  await page.getByRole('button', { name: 'Run 1 again' }).click()
  await lost.getByRole('row').filter({ hasText: deploy }).getByText('Not yet').waitFor({ state: 'detached' })
  await page.getByText('1 of 2 not run again yet.').waitFor()
  await page.getByRole('button', { name: 'Run again' }).click()
  await page.getByText('None is left to run again.').waitFor()
  const { Items } = await tako.cluster.api.get('/api/octopusservernodes/node-c/lost-tasks')
  expect(Items.map(({ Id }: { Id: string }) => Id)).toEqual([health, deploy])
  for (const { RerunTaskId } of Items) {
    const rerun = lost.getByRole('link', { name: RerunTaskId, exact: true })
    expect(await rerun.getAttribute('href')).toBe(`/app/tasks/${RerunTaskId}`)
  }
})

/** From here on node-c is offline, having lost tasks; node-a drains a task; node-b runs one. */
const SHOWN = [
  ['node-a', 'Slow work', ''],
  ['node-b', 'Long work', '?load=table&minutes=15'],
  ['node-c', 'Deploy billing', ''],
] as const

test('for the looks: one drains, one runs, one is offline', async () => {
  const { Items } = await tako.cluster.api.get('/api/tasks?running=true')
  await tako.cluster.api.post('/api/tasks/cancel', { TaskIds: Items.map(({ Id }: { Id: string }) => Id) })
  await runOn('node-a', ['Slow work'])
  await runOn('node-b', ['Long work'])
  await tako.cluster.api.post('/api/octopusservernodes/node-a/drain', { Reason: 'patching', Deadline: '1h' })
  const nodes = await tako.cluster.api.nodes()
  expect(NODES.map((name) => nodes[name].Status)).toEqual(['Draining', 'Online', 'Offline'])
})

test.each(['light', 'dark'] as const)('axe-core finds nothing, %s', async (colorScheme) => {
  for (const [node, text, search] of SHOWN) {
    const page = await tako.openConsole({ path: pathOf(node) + search, colorScheme })
    await page.getByText(text).first().waitFor()
    await timeLine(page).waitFor()
    await expectNoAxeViolations(page)
  }
})

test('a telephone shows it all without scrolling sideways', async () => {
  for (const [node, text] of SHOWN) {
    const page = await tako.openConsole({ path: pathOf(node), width: 380, height: 800 })
    await page.getByText(text).first().waitFor()
    await page.getByRole('img', { name: /^Load of the last/ }).waitFor()
    await timeLine(page).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth), node).toBeLessThanOrEqual(380)
  }
})

test('a viewer sees it all and is told what is missing to change it', async () => {
  const page = await tako.openConsole({ path: pathOf('node-a'), user: 'viewer' })
  await row(page, 'Slow work').waitFor()
  for (const [name, permission] of [
    ['Change drain…', 'ServerNodeEdit'],
    ['Undrain', 'ServerNodeEdit'],
    [/^Cancel ServerTasks-/, 'TaskCancel'],
    ['Change the task cap of node-a', 'ServerNodeEdit'],
  ] as const) {
    const button = page.getByRole('button', { name })
    expect(await button.getAttribute('aria-disabled'), String(name)).toBe('true')
    await button.focus()
    await page.getByRole('tooltip').getByText(permission).first().waitFor()
  }
  await page.goto(tako.cluster.url + pathOf('node-c'))
  const remove = page.getByRole('button', { name: 'Delete…' })
  await remove.waitFor()
  expect(await remove.getAttribute('aria-disabled')).toBe('true')
})

test('a node is deleted from its page; what is left says that it is gone, and what happened', async () => {
  const page = await tako.openConsole({ path: pathOf('node-c'), expects: [GONE] })
  await page.getByRole('button', { name: 'Delete…' }).click()
  await confirm(page, 'Delete node-c?', 'Delete node-c')
  await heading(page, 'Nodes').waitFor()
  await page.goto(tako.cluster.url + pathOf('node-c'))
  await page.getByText('There is no node node-c').waitFor()
  await timeLine(page).getByText('Deleted', { exact: true }).waitFor()
  await expectNoAxeViolations(page)
  await page.getByRole('main').getByRole('link', { name: 'Go to the nodes' }).click()
  await heading(page, 'Nodes').waitFor()
  const events = await tako.cluster.api.get('/api/events?regarding=OctopusServerNodes-node-c&eventCategories=Deleted')
  expect(only<{ Username: string }>(events.Items).Username).toBe('admin')
})
