import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { must } from '../../src/lib/must.ts'
import { consoleForTests, expectNoAxeViolations } from '../support/browser.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests({ nodes: ['node-a', 'node-b'] })

const api = () => tako.cluster.api
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const table = (page: Page) => page.getByRole('table', { name: 'Tasks, newest first' })
/** The row of the task with that description. */
const row = (page: Page, description: string) =>
  table(page)
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: description, exact: true }) })
const chip = (page: Page, word: string) => page.getByRole('button', { name: new RegExp(`^${word}`) })
const search = (page: Page) => new URL(page.url()).searchParams
const editor = (page: Page) => page.getByRole('textbox', { name: 'Script', exact: true })
const run = (page: Page) => page.getByRole('button', { name: 'Run', exact: true })

const MANY = 200_000
const BATCH = 10_000

async function ended(id: string): Promise<string> {
  const find = async () => {
    const { State, IsCompleted } = await api().get(`/api/tasks/${id}`)
    return IsCompleted ? (State as string) : undefined
  }
  return await until(`${id} has ended`, find, 30_000)
}

/** Waits until the task is in the state. */
async function isIn(id: string, state: string): Promise<void> {
  await until(`${id} is ${state}`, async () => (await api().get(`/api/tasks/${id}`)).State === state, 30_000)
}

test('a new list says so, and a task appears in it by itself, runs and ends', async () => {
  const page = await tako.openConsole({ path: '/app/tasks?kind=AdHocScript' })
  await page.getByText('No tasks match').waitFor()
  const task = await api().runScript('sleep 3', { Description: 'Appears by itself' })
  const shown = row(page, 'Appears by itself')
  await shown.getByText('Running').waitFor()
  const { NodeName } = await api().get(`/api/tasks/${task.Id}`)
  await shown.getByRole('link', { name: NodeName }).waitFor()
  await shown.getByText('Success').waitFor()
  await shown.getByText(task.CreatedBy, { exact: true }).waitFor()
})

test('filters narrow the list, count by state, and live in the address', async () => {
  const failed = await api().runScript('exit 3', { Description: 'Fails on purpose' })
  const late = await api().runScript('sleep 30', { Description: 'Stopped by its limit', TimeLimit: '1s' })
  expect(await ended(failed.Id)).toBe('Failed')
  expect(await ended(late.Id)).toBe('TimedOut')
  const page = await tako.openConsole({ path: '/app/tasks' })
  await row(page, 'Fails on purpose').waitFor()
  await chip(page, 'Failed 1').click()
  await row(page, 'Appears by itself').waitFor({ state: 'detached' })
  expect(search(page).get('states')).toBe('Failed')
  await chip(page, 'Timed out 1').click()
  await row(page, 'Stopped by its limit').waitFor()
  expect(search(page).get('states')).toBe('Failed,TimedOut')

  await page.getByRole('searchbox', { name: 'Find by description or id' }).fill('limit')
  await row(page, 'Fails on purpose').waitFor({ state: 'detached' })
  await expect.poll(() => search(page).get('text')).toBe('limit')
  await page.getByRole('searchbox', { name: 'Find by description or id' }).fill(failed.Id)
  await row(page, 'Fails on purpose').waitFor()

  await page.getByRole('combobox', { name: 'Time' }).selectOption({ label: 'Ended in the last hour' })
  await expect.poll(() => search(page).get('since')).toBe('1h')
  await row(page, 'Fails on purpose').waitFor()
  await page.reload()
  await row(page, 'Fails on purpose').waitFor()
  expect(await page.getByRole('combobox', { name: 'Time' }).inputValue()).toBe('completed 1h')

  await page.getByRole('combobox', { name: 'Time' }).selectOption({ label: 'From and to…' })
  await page.getByLabel('From', { exact: true }).fill('2031-01-01T00:00')
  await page.getByText('No tasks match').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await row(page, 'Appears by itself').waitFor()
  expect(new URL(page.url()).search).toBe('')

  const { NodeName } = await api().get(`/api/tasks/${failed.Id}`)
  await page.getByRole('combobox', { name: 'Node' }).selectOption(NodeName === 'node-a' ? 'node-b' : 'node-a')
  await row(page, 'Fails on purpose').waitFor({ state: 'detached' })
  await page.getByRole('combobox', { name: 'Node' }).selectOption(NodeName)
  await row(page, 'Fails on purpose').waitFor()
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('Retention')
  await row(page, 'Fails on purpose').waitFor({ state: 'detached' })
  expect(search(page).get('kind')).toBe('Retention')
})

test('the quick views are links to what is looked for most', async () => {
  const page = await tako.openConsole({ path: '/app/tasks' })
  const views = page.getByRole('navigation', { name: 'Quick views' })
  await row(page, 'Appears by itself').waitFor()
  await views.getByRole('link', { name: 'Failed today' }).click()
  await row(page, 'Appears by itself').waitFor({ state: 'detached' })
  await row(page, 'Fails on purpose').waitFor()
  await row(page, 'Stopped by its limit').waitFor()
  await views.getByRole('link', { name: 'Waiting' }).click()
  await page.getByText('No tasks match').waitFor()
  await views.getByRole('link', { name: 'All' }).click()
  await row(page, 'Appears by itself').waitFor()
})

test('a waiting task says why, an expired one stands out, and both can be told from the rest', async () => {
  await api().post('/api/queue/pause', { Reason: 'a quiet hour' })
  try {
    await api().runScript('echo', { Description: 'Waits for the queue' })
    const brief = await api().runScript('echo', { Description: 'Not in time', QueueTimeExpiry: '1s' })
    const planned = new Date(Date.now() + 3_600_000).toISOString()
    const page = await tako.openConsole({ path: '/app/tasks' })
    await row(page, 'Waits for the queue')
      .getByText(/^(Next|\d+ ahead)\. The queue is paused by .*: a quiet hour/)
      .waitFor()
    expect(await ended(brief.Id)).toBe('TimedOut')
    await row(page, 'Not in time').getByText('Expired', { exact: true }).waitFor()
    await api().post('/api/queue/resume')
    await row(page, 'Waits for the queue').getByText('Success').waitFor()
    await api().runScript('echo', { Description: 'Much later', QueueTime: planned })
    await row(page, 'Much later')
      .getByText(/^Starts in 59 min\.$/)
      .waitFor()
  } finally {
    await api().post('/api/queue/resume')
  }
})

test('many are cancelled at once, with what became of each', async () => {
  const long = await api().runScript('sleep 600', { Description: 'Runs long' })
  const quick = await api().runScript('sleep 600', { Description: 'Ends meanwhile' })
  await Promise.all([isIn(long.Id, 'Executing'), isIn(quick.Id, 'Executing')])
  const page = await tako.openConsole({ path: '/app/tasks' })
  for (const name of ['Runs long', 'Ends meanwhile', 'Much later']) {
    await row(page, name).getByRole('checkbox').check()
  }
  await page.getByText('3 selected').waitFor()
  await page.getByRole('button', { name: 'Cancel (3)' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel 3 tasks?' })
  await dialog.getByText('2 run and will be stopped. 1 waits and will never start.').waitFor()
  await api().post(`/api/tasks/${quick.Id}/cancel`)
  expect(await ended(quick.Id)).toBe('Canceled')
  await dialog.getByRole('button', { name: 'Cancel 3 tasks' }).click()
  await page.getByText('1 cancelled, 1 being stopped, 1 not cancelled.').first().waitFor()
  await page.getByText(`${quick.Id}: it had ended already (Cancelled).`).waitFor()
  await row(page, 'Runs long').getByText('Cancelled', { exact: true }).waitFor()
  await row(page, 'Much later').getByText('Cancelled', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run again (3)' }).waitFor()
  await page.getByRole('button', { name: 'Clear selection' }).click()
  await page.getByText('3 selected').waitFor({ state: 'detached' })
})

test('a task is run again and moved to the top from its menu', async () => {
  await api().post('/api/queue/pause')
  try {
    const page = await tako.openConsole({ path: '/app/tasks?states=Failed,Queued' })
    await row(page, 'Fails on purpose')
      .getByRole('button', { name: /^Actions for/ })
      .click()
    await page.getByRole('menuitem', { name: 'Run again', exact: true }).click()
    await page.getByText('1 task runs again.').waitFor()
    const again = row(page, 'Fails on purpose').filter({ hasText: 'Queued' })
    await again.getByRole('button', { name: /^Actions for/ }).click()
    await page.getByRole('menuitem', { name: 'Move to top' }).click()
    await again.getByText('moved to top').waitFor()
    await again.getByRole('button', { name: /^Actions for/ }).click()
    expect(await page.getByRole('menuitem', { name: 'Run again', exact: true }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await expect.poll(() => focusedLabel(page)).toMatch(/^Actions for/)
  } finally {
    await api().post('/api/queue/resume')
  }
})

function focusedLabel(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
}

test('the list keeps still while rows are selected, and tells of new tasks', async () => {
  const page = await tako.openConsole({ path: '/app/tasks' })
  await row(page, 'Appears by itself').getByRole('checkbox').check()
  const first = await table(page).getByRole('row').nth(1).getByRole('link').first().textContent()
  const made = await api().runScript('sleep 1', { Description: 'Comes while selecting' })
  await page.getByRole('button', { name: '1 new task' }).waitFor()
  expect(await table(page).getByRole('row').nth(1).getByRole('link').first().textContent()).toBe(first)
  await ended(made.Id)
  await page.getByRole('button', { name: '1 new task' }).click()
  await row(page, 'Comes while selecting').waitFor()
  expect(await page.getByRole('button', { name: /new task$/ }).count()).toBe(0)
})

test('rows are walked, selected and opened by keyboard, and opened by a click', async () => {
  const page = await tako.openConsole({ path: '/app/tasks?text=on%20purpose' })
  await row(page, 'Fails on purpose').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor({ state: 'detached' })
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const [focused, firstLink] = await page.evaluate(() => [
    document.activeElement?.getAttribute('href'),
    document.querySelector('tbody a')?.getAttribute('href'),
  ])
  expect(focused).toBe(firstLink)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${firstLink}`)
  await page.goBack()
  await row(page, 'Fails on purpose').first().getByText('AdHocScript').click()
  await page.waitForURL(`**${firstLink}`)
  await page.goBack()
  await heading(page, 'Tasks').waitFor()
  await page.keyboard.press('n')
  await heading(page, 'New task').waitFor()
})

test('a script is written, checked, run by Ctrl+Enter, and its page opens', async () => {
  const page = await tako.openConsole({ path: '/app/tasks' })
  await page.getByRole('link', { name: 'New task' }).click()
  await editor(page).waitFor()
  await run(page).click()
  await page.getByText('The script is empty. Write what is to be run.').waitFor()
  expect(await editor(page).evaluate((element) => element === document.activeElement)).toBe(true)

  await page.getByText('Python', { exact: true }).click()
  await editor(page).click()
  await page.keyboard.type('import os, sys\nprint(sys.argv[1:], os.environ["MODE"])')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await page.getByLabel('Arguments').evaluate((element) => element === document.activeElement)).toBe(true)
  await page.keyboard.type('two words\nnext')
  await page.getByRole('button', { name: 'Add variable' }).click()
  await page.getByLabel('Name of variable 1').fill('TAKO_MODE')
  await page.getByLabel('Value of variable 1').fill('full')
  await page.getByText('TAKO_MODE is reserved').waitFor()
  await page.getByLabel('Name of variable 1').fill('MODE')
  await page.getByLabel('Time limit').fill('soon')
  await page.getByText('Give a duration such as').waitFor()
  await page.getByLabel('Time limit').fill('1m30s')
  await page.getByLabel('Priority').fill('7')
  await page.getByLabel('Description').fill('Made in the browser')
  await editor(page).click()
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/\/app\/tasks\/ServerTasks-\d+$/)
  await heading(page, 'Made in the browser').waitFor()
  const id = page.url().split('/').at(-1) ?? ''
  expect(await api().get(`/api/tasks/${id}`)).toMatchObject({
    TimeLimit: '00:01:30',
    Priority: 7,
    Arguments: { Syntax: 'Python', ScriptArguments: ['two words', 'next'], EnvironmentVariables: { MODE: 'full' } },
  })
  expect(await ended(id)).toBe('Success')
  expect(await api().get(`/api/tasks/${id}/raw`)).toContain("['two words', 'next'] full")
})

test('what the server refuses stands beside its field', async () => {
  const expects = [/answer: POST \/api\/tasks 400/]
  const page = await tako.openConsole({ path: '/app/tasks/new', expects })
  await editor(page).click()
  await page.keyboard.type('echo')
  await page.getByLabel('Time limit').fill('99999999999d')
  await run(page).click()
  await expect.poll(() => page.getByLabel('Time limit').getAttribute('aria-invalid')).toBe('true')
  await page.getByText(/^TimeLimit /).waitFor()
})

test('a task is run again with changes', async () => {
  const { Items } = await api().get('/api/tasks?description=Made%20in%20the%20browser')
  const page = await tako.openConsole({ path: '/app/tasks?text=Made%20in%20the%20browser' })
  await row(page, 'Made in the browser')
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Run again with changes' }).click()
  await heading(page, 'Run again with changes').waitFor()
  expect(search(page).get('from')).toBe(Items[0].Id)
  await expect.poll(() => editor(page).textContent()).toContain('import os, sys')
  expect(await page.getByLabel('Time limit').inputValue()).toBe('1m30s')
  expect(await page.getByLabel('Value of variable 1').inputValue()).toBe('full')
  await page.getByLabel('Value of variable 1').fill('part')
  await run(page).click()
  await page.waitForURL(/\/app\/tasks\/ServerTasks-\d+$/)
  const again = await api().get(`/api/tasks/${page.url().split('/').at(-1)}`)
  expect(again.Id).not.toBe(Items[0].Id)
  expect(again.Arguments).toEqual({ ...Items[0].Arguments, EnvironmentVariables: { MODE: 'part' } })
})

test('nothing typed is lost: not by leaving, not by a reload, not by the end of the session', async () => {
  const page = await tako.openConsole({ path: '/app/tasks', expects: [/answer: \w+ \/api\/\S+ 401/] })
  await page.getByRole('link', { name: 'New task' }).click()
  await editor(page).click()
  await page.keyboard.type('echo kept')
  await page.getByLabel('Description').fill('Kept')
  await page.goBack()
  await heading(page, 'Tasks').waitFor()
  await page.goForward()
  await expect.poll(() => editor(page).textContent()).toContain('echo kept')
  await page.reload()
  await expect.poll(() => editor(page).textContent()).toContain('echo kept')
  expect(await page.getByLabel('Description').inputValue()).toBe('Kept')

  await editor(page).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' still')
  await tako.cluster.expireSessions()
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(/\/app\/tasks\/ServerTasks-\d+$/)
  const made = await api().get(`/api/tasks/${page.url().split('/').at(-1)}`)
  expect(made.Arguments.ScriptBody).toBe('echo kept still')
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  await page.getByRole('link', { name: 'New task' }).click()
  await editor(page).waitFor()
  expect(await page.getByLabel('Description').inputValue()).toBe('')
})

test('another kind needs no script', async () => {
  const page = await tako.openConsole({ path: '/app/tasks/new' })
  await page.getByLabel('Kind').selectOption('SystemIntegrityCheck')
  await page.getByText('Tasks of this kind take no arguments.').waitFor()
  await run(page).click()
  await page.waitForURL(/\/app\/tasks\/ServerTasks-\d+$/)
  expect((await api().get(`/api/tasks/${page.url().split('/').at(-1)}`)).Name).toBe('SystemIntegrityCheck')
})

test('a viewer sees the tasks, and why nothing can be done with them', async () => {
  const page = await tako.openConsole({ path: '/app/tasks', user: 'viewer' })
  await row(page, 'Appears by itself').getByRole('checkbox').check()
  for (const [name, permission] of [
    ['Cancel', 'TaskCancel'],
    ['Run again (1)', 'TaskCreate'],
    ['Move to top', 'TaskEdit'],
    ['New task', 'TaskCreate'],
  ] as const) {
    const button = page.getByRole('button', { name, exact: true })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.hover()
    await page
      .getByRole('tooltip')
      .filter({ hasText: `The permission ${permission} is missing.` })
      .waitFor()
  }
  await page.goto(`${tako.cluster.url}/app/tasks/new`)
  await page.getByText('You may not create tasks or run them again.').waitFor()
  await editor(page).waitFor()
  expect(await run(page).getAttribute('aria-disabled')).toBe('true')
  await editor(page).click()
  await page.keyboard.type('echo')
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => page.url()).toContain('/app/tasks/new')
})

test.each(['light', 'dark'] as const)('axe-core finds nothing on the list and the form, %s', async (colorScheme) => {
  const page = await tako.openConsole({ path: '/app/tasks', colorScheme })
  await row(page, 'Appears by itself').getByRole('checkbox').check()
  await expectNoAxeViolations(page)
  await row(page, 'Appears by itself')
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Copy id' }).waitFor()
  await expectNoAxeViolations(page)
  await page.goto(`${tako.cluster.url}/app/tasks/new`)
  await editor(page).click()
  await page.keyboard.type('# a comment\nif [ "$A" = 1 ]; then echo "x"; fi')
  await page.getByRole('button', { name: 'Add variable' }).click()
  await page.getByLabel('Priority').fill('x')
  await run(page).click()
  await page.getByText('Give a whole number from -100 to 100.').waitFor()
  await expectNoAxeViolations(page)
})

test('a telephone shows the list and the form without scrolling sideways', async () => {
  const page = await tako.openConsole({ path: '/app/tasks', width: 380 })
  await row(page, 'Appears by itself').getByRole('checkbox').check()
  const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  expect(await isTooWide()).toBe(false)
  await page.goto(`${tako.cluster.url}/app/tasks/new`)
  await editor(page).click()
  await page.keyboard.type(`echo ${'long '.repeat(60)}`)
  expect(await isTooWide()).toBe(false)
})

test('200,000 tasks: the list opens without a long task, and pages to the end', async () => {
  for (let from = 1; from < MANY; from += BATCH) {
    await tako.cluster.sql`
      insert into task (kind, space, description, state, node, queue_time, started_at, completed_at, expiry_ms, expires_at, when_lost, task_lease_ms, attempt, incarnation)
      select 'AdHocScript', 'Spaces-1', 'Filled in ' || n, (case n % 10 when 0 then 'Failed' else 'Success' end)::task_state, 'node-a',
        at, at, at, 86400000, at + interval '1 day', 'fail', 300000, 1, gen_random_uuid()
      from generate_series(${from}::int, ${from + BATCH - 1}::int) n,
        lateral (select clock_timestamp() - n * interval '1 second' as at) times order by n`
  }
  await tako.cluster.sql`analyze task`
  const page = await tako.openConsole({ path: '/app/nodes' })
  await heading(page, 'Nodes').waitFor()
  const longest = await longestTaskMs(page, async () => {
    await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
    await row(page, 'Filled in 200000').waitFor()
    await page.getByText(/^200,0\d\d tasks$/).waitFor()
    await page.getByRole('button', { name: 'Next page' }).click()
    await row(page, 'Filled in 199950').waitFor()
    await chip(page, 'Failed').click()
    await row(page, 'Filled in 199990').waitFor()
  })
  expect(longest).toBeGreaterThan(1)
  expect(longest).toBeLessThan(200)
  await page.goto(`${tako.cluster.url}/app/tasks?page=9999`)
  await page.getByRole('button', { name: 'First page' }).click()
  await row(page, 'Filled in 200000').waitFor()
})

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Processor time in µs. */
  tdur?: number
  args: { name?: string }
}

/**
 * The longest that the page's main thread works without a pause during the act, in ms of processor time: on a machine with
 * nothing else to do this is the time that passes, and on a busy one it does not grow with what others do.
 */
async function longestTaskMs(page: Page, act: () => Promise<void>): Promise<number> {
  const browser = must(page.context().browser())
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
  await act()
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse((await browser.stopTracing()).toString())
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const threads = new Set(named.map(threadOf))
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && threads.has(threadOf(event)))
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1000
}
