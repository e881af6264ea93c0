import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleForTests, expectNoAxeViolations } from '../support/browser.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests()
const folder = mkdtempSync(join(tmpdir(), 'tako-task-page-'))
const BROKEN_OFF = /(answer: GET \S+ 50[23])|(no answer: GET)/

// All scripts run on node-a, so that the others can be killed without one of them being lost.
beforeAll(async () => {
  for (const name of ['node-b', 'node-c']) await setCap(name, 0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function setCap(name: string, cap: number): Promise<void> {
  await tako.cluster.api.put(`/api/octopusservernodes/OctopusServerNodes-${name}`, { MaxConcurrentTasks: cap })
}

/** A file that lets a script go on once it is there. */
function gate(name: string) {
  const path = join(folder, name)
  return { wait: `until [ -e ${path} ]; do sleep 0.05; done`, path, open: () => writeFileSync(path, '') }
}

const startScript = async (script: string, more: Record<string, unknown> = {}): Promise<string> =>
  (await tako.cluster.api.runScript(script, more)).Id

async function endedScript(script: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = await startScript(script, more)
  await until(`${id} has ended`, async () => (await taskOf(id)).IsCompleted, 60_000)
  return id
}

const taskOf = (id: string) => tako.cluster.api.get(`/api/tasks/${id}`)
const log = (page: Page) => page.getByRole('region', { name: /^Log of/ })
const row = (page: Page, line: number) => log(page).locator(`[data-line="${line}"]`)
const header = (page: Page) => page.locator('main header').first()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** Where the box has come to rest, far from its end. */
async function restingScrollTop(box: Locator): Promise<number> {
  let last = Number.NaN
  await until('the box rests', async () => {
    const before = last
    last = await scrollTop(box)
    const end = await box.evaluate((element) => element.scrollHeight - element.clientHeight)
    return last === before && last < end - 300
  })
  return last
}

const scrollTop = (box: Locator) => box.evaluate((element) => element.scrollTop)

test('live output appears while the task runs, standard error is marked, and the end is shown', async () => {
  const end = gate('live')
  const id = await startScript(`echo first; echo '<b>oops</b>' >&2; ${end.wait}; echo last; exit 3`, {
    Description: 'Live output',
  })
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await page.getByRole('heading', { level: 1, name: 'Live output' }).waitFor()
  await log(page).getByText('first', { exact: true }).waitFor()
  const error = log(page).getByText('<b>oops</b>', { exact: true })
  await error.waitFor()
  const errorRow = log(page).locator('[data-stream="error"]')
  expect(await errorRow.textContent()).toContain('Standard error: ')
  await header(page).getByText('Running', { exact: true }).waitFor()
  expect(await log(page).getByText('last', { exact: true }).count()).toBe(0)
  end.open()
  await log(page).getByText('last', { exact: true }).waitFor()
  await header(page).getByText('Failed', { exact: true }).waitFor()
  await page.getByText('The script exited with code 3.').first().waitFor()
  await button(page, 'To the end').waitFor()
  expect(await header(page).getByRole('link', { name: 'node-a' }).getAttribute('href')).toContain('/app/nodes/')
  expect(await page.title()).toContain(id)
})

test('following stops when one scrolls up, says what is new, and goes on when asked', async () => {
  const end = gate('follow')
  const script = `seq -f 'early %.0f' 1 200; i=0; until [ -e ${end.path} ]; do i=$((i+1)); echo "tick $i"; sleep 0.05; done`
  const id = await startScript(script)
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await button(page, 'Following').waitFor()
  await log(page)
    .getByText(/^tick \d+$/)
    .first()
    .waitFor()
  await log(page).hover()
  await page.mouse.wheel(0, -600)
  await button(page, /^Follow · \d+ new$/).waitFor()
  const before = await restingScrollTop(log(page))
  const newLines = async () => Number(/\d+/.exec((await button(page, /^Follow ·/).textContent()) ?? '')?.[0])
  const first = await newLines()
  await expect.poll(newLines, { timeout: 20_000 }).toBeGreaterThan(first + 10)
  expect(await scrollTop(log(page))).toBe(before)
  await log(page).press('Home')
  await row(page, 1).getByText('early 1', { exact: true }).waitFor()
  await button(page, /^Follow ·/).click()
  await button(page, 'Following').waitFor()
  end.open()
  await button(page, 'To the end').waitFor()
  const { LogLineCount } = await taskOf(id)
  await row(page, LogLineCount).waitFor()
})

test('a log of 1,000,000 lines: any line by its address, search, both ends, and a small page', async () => {
  const id = await endedScript(`seq -f 'line %.0f' 1 1000000; echo 'the Needle'`)
  const page = await tako.openConsole({ path: `/app/tasks/${id}?line=500000` })
  await row(page, 500_000).getByText('line 500000', { exact: true }).waitFor()
  expect(await row(page, 500_000).getAttribute('data-picked')).toBe('true')
  expect(await log(page).locator('[data-line]').count()).toBeLessThan(100)

  const heap = await heapOf(page)
  const before = await heap()
  for (const line of [1, 250_000, 999_999, 750_123, 42, 600_001, 123_456, 987_654]) {
    await page.getByLabel('Go to line').fill(String(line))
    await page.getByLabel('Go to line').press('Enter')
    await row(page, line).getByText(`line ${line}`, { exact: true }).waitFor()
    expect(new URL(page.url()).searchParams.get('line')).toBe(String(line))
  }
  expect((await heap()) - before).toBeLessThan(15_000_000)

  await log(page).press('Home')
  await row(page, 1).getByText('line 1', { exact: true }).waitFor()
  await log(page).press('PageDown')
  await row(page, 25).getByText('line 25', { exact: true }).waitFor()
  await log(page).press('End')
  await row(page, 1_000_001).getByText('the Needle', { exact: true }).waitFor()
  await log(page).press('Home')
  await page.getByLabel('Search the log').focus()
  await page.keyboard.type('needle')
  await page.getByRole('status').getByText('1 of 1', { exact: true }).waitFor()
  await row(page, 1_000_001).locator('mark').getByText('Needle', { exact: true }).waitFor()
  expect(await page.locator('*').count()).toBeLessThan(2000)
})

/** What the page's objects take, in bytes, when all others have been thrown away. */
async function heapOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  return async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
  }
}

test('search goes from line to line by keys, marks what it finds, and looks into what comes', async () => {
  const end = gate('search')
  const id = await startScript(`for i in 1 2 3; do seq 1 100; echo "Fault $i"; done; ${end.wait}; echo 'fault 4'`)
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await log(page).getByText('Fault 3', { exact: true }).waitFor()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('FAULT')
  const found = (text: string) => page.getByRole('status').getByText(text, { exact: true })
  await found('1 of 3').waitFor()
  await button(page, /^Follow/).waitFor()
  expect(await button(page, 'Following').count()).toBe(0)
  await row(page, 101).locator('mark').getByText('Fault', { exact: true }).waitFor()
  await page.keyboard.press('Enter')
  await found('2 of 3').waitFor()
  await row(page, 202).waitFor()
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.press('Shift+Enter')
  await found('3 of 3').waitFor()
  end.open()
  await found('3 of 4').waitFor()
  await page.keyboard.press('Enter')
  await row(page, 304).locator('mark').getByText('fault', { exact: true }).waitFor()
  expect(new URL(page.url()).searchParams.get('find')).toBe('FAULT')
})

test('a line has a link, lines can be copied, and the log can be downloaded', async () => {
  const id = await endedScript(`for i in 1 2 3; do echo -e "\\e[31mred $i\\e[0m"; done`)
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await row(page, 2).getByRole('link', { name: 'Line 2' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('line')).toBe('2')
  await button(page, 'Copy link to this line').click()
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(clipboard).toBe(`${tako.cluster.url}/app/tasks/${id}?line=2`)
  await button(page, 'Copy what is shown').click()
  await expect.poll(clipboard).toBe('red 1\nred 2\nred 3')
  await page.getByLabel('Times').selectOption('relative')
  await expect.poll(() => row(page, 1).locator('time').textContent()).toMatch(/^\+0:\d\d\.\d{3}$/)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the raw log' }).click(),
  ])
  expect(existsSync(await download.path())).toBe(true)
})

test('the log goes on without a gap or a repeated line when the nodes that serve the page are killed', async () => {
  const [begin, end] = [gate('kill-begin'), gate('kill-end')]
  const script = `echo 'tick 1'; ${begin.wait}; i=1; until [ -e ${end.path} ]; do i=$((i+1)); echo "tick $i"; sleep 0.03; done`
  const id = await startScript(script)
  const page = await tako.openConsole({ path: `/app/tasks/${id}`, expects: [BROKEN_OFF] })
  await log(page).getByText('tick 1', { exact: true }).waitFor()
  const answered = new Set<string>()
  page.on('response', (response) => {
    const node = response.headers()['octopus-node']
    if (response.url().includes(`${id}/log`) && node) answered.add(node)
  })
  await collectLines(page)
  begin.open()
  await until('every node has served the log', () => answered.size === 3, 30_000)
  for (const name of ['node-b', 'node-c']) {
    await tako.cluster.kill(name)
    const { length } = await collectedLines(page)
    await until(`lines come after the end of ${name}`, async () => (await collectedLines(page)).length > length + 30)
  }
  end.open()
  await button(page, 'To the end').waitFor()
  const { LogLineCount } = await taskOf(id)
  await row(page, LogLineCount).waitFor()
  const lines = await collectedLines(page)
  expect(lines).toEqual(Array.from({ length: LogLineCount }, (_, place) => `${place + 1}: tick ${place + 1}`))
  await tako.cluster.start('node-b')
  await tako.cluster.start('node-c')
  for (const name of ['node-b', 'node-c']) await setCap(name, 0)
})

/** From now on every line that the page draws, and each text that it has had, is noted. */
async function collectLines(page: Page): Promise<void> {
  await page.evaluate(() => {
    const drawn = new Map<number, Set<string>>()
    const look = () => {
      for (const element of document.querySelectorAll<HTMLElement>('[data-line]')) {
        const text = /tick \d+$/.exec(element.textContent ?? '')?.[0]
        const line = Number(element.dataset.line)
        if (text) drawn.set(line, (drawn.get(line) ?? new Set()).add(text))
      }
    }
    look()
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
    Object.assign(window, { drawn })
  })
}

function collectedLines(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const drawn: unknown = Reflect.get(window, 'drawn')
    if (!(drawn instanceof Map)) return []
    return [...drawn].sort(([a], [b]) => a - b).flatMap(([line, texts]) => [...texts].map((text) => `${line}: ${text}`))
  })
}

test('a running task is cancelled in two steps, and run again; the new one links to the old one', async () => {
  const id = await startScript('echo on; sleep 600', { Description: 'To be cancelled' })
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await log(page).getByText('on', { exact: true }).waitFor()
  await button(page, 'Cancel').click()
  const dialog = page.getByRole('dialog', { name: `Cancel ${id}?` })
  await dialog.getByRole('button', { name: 'Let it run' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await taskOf(id)).State).toBe('Executing')
  await button(page, 'Cancel').click()
  await dialog.getByRole('button', { name: `Cancel ${id}` }).click()
  await header(page).getByText('Cancelled', { exact: true }).waitFor()
  expect(await page.getByText('Cancelled by', { exact: true }).isVisible()).toBe(true)
  await button(page, 'Run again').click()
  await page.waitForURL((url) => !url.pathname.endsWith(id))
  await page.getByRole('link', { name: id, exact: true }).waitFor()
  const again = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  expect((await taskOf(again)).RerunOf).toBe(id)
  await header(page).getByText('Running', { exact: true }).waitFor()
  await tako.cluster.api.post(`/api/tasks/${again}/cancel`)
  await header(page).getByText('Cancelled', { exact: true }).waitFor()
})

test('a waiting task says why and behind what, moves to the top, and is cancelled at once', async () => {
  await tako.cluster.api.post('/api/queue/pause', { Reason: 'Window' })
  const ahead = await startScript('true', { Description: 'The one before' })
  const id = await startScript('true', { Description: 'The one behind' })
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await page.getByText('One task starts before it.').waitFor()
  await page
    .getByText(/paused/i)
    .first()
    .waitFor()
  await page.getByRole('table', { name: 'Tasks that start before it' }).getByRole('link', { name: ahead }).waitFor()
  await expectNoAxeViolations(page)
  await button(page, 'Move to top').click()
  await page.getByText('It is the next.').waitFor()
  await button(page, 'Cancel').click()
  await header(page).getByText('Cancelled', { exact: true }).waitFor()
  await tako.cluster.api.post('/api/queue/resume')
})

test('the state of a task that has ended is set with a reason, which is shown', async () => {
  const id = await endedScript('exit 1', { Description: 'Wrongly failed' })
  const page = await tako.openConsole({ path: `/app/tasks/${id}` })
  await button(page, 'More actions').click()
  await page.getByRole('menuitem', { name: 'Set state' }).click()
  const dialog = page.getByRole('dialog', { name: `Set the state of ${id}` })
  await expectNoAxeViolations(page)
  await dialog.getByLabel('Reason').fill('The check was wrong')
  await dialog.getByRole('button', { name: 'Set to Success' }).click()
  await header(page).getByText('Success', { exact: true }).waitFor()
  await page.getByText(/Set from Failed to Success by admin: The check was wrong/).waitFor()
})

test('a viewer reads everything and sees which permissions are missing', async () => {
  const end = gate('viewer')
  const id = await startScript(`echo seen; ${end.wait}`)
  const page = await tako.openConsole({ path: `/app/tasks/${id}`, user: 'viewer' })
  await log(page).getByText('seen', { exact: true }).waitFor()
  await button(page, 'Cancel').hover()
  await page
    .getByRole('tooltip')
    .getByText(/TaskCancel is missing/)
    .waitFor()
  await button(page, 'Cancel').click({ force: true })
  expect(await page.getByRole('dialog').count()).toBe(0)
  end.open()
  await button(page, 'Run again').hover()
  await page
    .getByRole('tooltip')
    .getByText(/TaskCreate is missing/)
    .waitFor()
})

test.each([
  ['light', 1400],
  ['dark', 380],
] as const)('axe-core finds nothing and nothing is too wide: %s, %i px', async (colorScheme, width) => {
  const id = await endedScript(
    `seq 1 50; echo -e "\\e[32mgreen \\e[33myellow \\e[35mmagenta \\e[36mcyan\\e[0m"; echo broken >&2; head -c 200000 /dev/zero | tr '\\0' 'x'; exit 3`,
    { Description: `A description of some length in ${colorScheme} and ${width}` },
  )
  const path = `/app/tasks/${id}?find=broken&times=absolute`
  const page = await tako.openConsole({ path, colorScheme, width })
  await page.getByRole('status').getByText('1 of 1', { exact: true }).waitFor()
  await log(page).locator('mark').getByText('broken', { exact: true }).waitFor()
  await expectNoAxeViolations(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
})

test('a task that there is not, is said to be not there', async () => {
  const page = await tako.openConsole({ path: '/app/tasks/ServerTasks-999999', expects: [/ServerTasks-999999\S* 404/] })
  await page.getByText('There is nothing here').waitFor()
})

test('while the node of a task is silent, since when and until when is shown; then the loss', async () => {
  const id = await startScript('echo on; sleep 600')
  const page = await tako.openConsole({ path: `/app/tasks/${id}`, expects: [BROKEN_OFF] })
  await log(page).getByText('on', { exact: true }).waitFor()
  tako.cluster.node('node-a').signal('SIGSTOP')
  await page.getByText(/node-a was last heard .* the task is settled (in|at)/).waitFor()
  await header(page).getByText('Lost', { exact: true }).waitFor()
})
