import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { only } from '../../src/lib/must.ts'
import { consoleForTests, expectNoAxeViolations, signIn } from '../support/browser.ts'
import { PASSWORD } from '../support/console-cluster.ts'

const tako = consoleForTests()

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const button = (within: Page | Locator, name: string | RegExp) =>
  within.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })
const textOf = (locator: Locator) => locator.textContent()
const queryOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)
const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: 30_000 })
const sessionDialog = (page: Page) => page.getByRole('dialog', { name: 'Your session has ended' })

interface JobView {
  Name: string
  IsEnabled: boolean
}

const jobOf = async (name: string): Promise<JobView> => {
  const { TaskStatus }: { TaskStatus: JobView[] } = await tako.cluster.api.get('/api/scheduler')
  return only(TaskStatus.filter((job) => job.Name === name))
}
const setCap = (node: string, cap: number) =>
  tako.cluster.api.put(`/api/octopusservernodes/${node}`, { MaxConcurrentTasks: cap })

test('a job is run now: it makes a task, and its end is told with a link to it', async () => {
  const page = await tako.openConsole({ path: '/app/jobs', user: 'operator' })
  await eventually(() => textOf(page.getByRole('main'))).toMatch(/The leader, node-[abc], queues each job/)
  const check = row(page, 'integrity-check')
  expect(await textOf(check)).toMatch(/1 d.*Not yet.*in \d/)
  await button(page, 'Run now: integrity-check').click()
  const toast = page.getByRole('alert').filter({ hasText: 'integrity-check runs as ServerTasks-' })
  await eventually(() => textOf(toast)).toMatch(/ServerTasks-\d+: Success\./)
  await eventually(() => textOf(check)).toMatch(/Success.*took .* on node-[abc]/)
  const id = /ServerTasks-\d+/.exec((await textOf(toast)) ?? '')?.[0]
  expect(await tako.cluster.api.get(`/api/tasks/${id}`)).toMatchObject({ Job: 'integrity-check' })
  await toast.getByRole('link', { name: `Open ${id}` }).click()
  await eventually(() => new URL(page.url()).pathname).toBe(`/app/tasks/${id}`)
})

test('a job that is switched off is off after a reload too, and on again', async () => {
  const page = await tako.openConsole({ path: '/app/jobs', user: 'operator' })
  const retention = page.getByRole('switch', { name: 'retention on' })
  await retention.waitFor()
  expect(await retention.isChecked()).toBe(true)
  await retention.press('Space')
  await row(page, 'retention').getByText('not while it is off').waitFor()
  await page.reload()
  await row(page, 'retention').getByText('not while it is off').waitFor()
  expect(await retention.isChecked()).toBe(false)
  expect((await jobOf('retention')).IsEnabled).toBe(false)
  await retention.press('Space')
  await row(page, 'retention')
    .getByText(/^in \d/)
    .waitFor()
  expect((await jobOf('retention')).IsEnabled).toBe(true)
})

test('an overdue job is warned of, and a run is pending until its task has ended', async () => {
  await tako.cluster.api.post('/api/queue/pause', { Reason: 'a test' })
  const page = await tako.openConsole({ path: '/app/jobs' })
  const run = button(page, 'Run now: retention')
  await run.click()
  await row(page, 'retention').getByText('Queued').waitFor()
  expect(await run.isEnabled()).toBe(false)
  await tako.cluster.sql`update recurring_job set next_due = next_due - interval '2 days' where name = 'retention'`
  await row(page, 'retention').getByText('Overdue').waitFor()
  await page.getByText('retention is overdue.').waitFor()
  await page.reload()
  await row(page, 'retention').getByText('Overdue').waitFor()
  await run.focus()
  await page.getByRole('tooltip').getByText('retention is under way as').waitFor()
  await expectNoAxeViolations(page)
  await tako.cluster.api.post('/api/queue/resume')
  await eventually(() => textOf(row(page, 'retention'))).toMatch(/Success.*in \d/)
})

test('a viewer sees the jobs and is told which permission is missing to run or switch them', async () => {
  const page = await tako.openConsole({ path: '/app/jobs', user: 'viewer' })
  const run = button(page, 'Run now: retention')
  await run.waitFor()
  expect(await run.getAttribute('aria-disabled')).toBe('true')
  await run.focus()
  await page.getByRole('tooltip').getByText('The permission TaskEdit is missing.').waitFor()
  const retention = page.getByRole('switch', { name: 'retention on' })
  expect(await retention.getAttribute('aria-disabled')).toBe('true')
  await retention.press('Space')
  expect(await retention.isChecked()).toBe(true)
  expect((await jobOf('retention')).IsEnabled).toBe(true)
})

test('the trail shows what a change of the task cap and a drain changed, with links to the node', async () => {
  await setCap('node-b', 7)
  await tako.cluster.api.post('/api/octopusservernodes/node-c/drain', { Reason: 'new disk' })
  await tako.cluster.api.post('/api/octopusservernodes/node-c/undrain')
  const page = await tako.openConsole({ path: '/app/audit', user: 'viewer' })
  const cap = row(page, 'The task cap of node node-b was changed from 5 to 7.')
  await button(cap, /^Details of Events-/).press('Enter')
  const changes = page.getByRole('table', { name: /^What Events-\d+ changed$/ })
  expect(await changes.getByRole('row').allTextContents()).toEqual(['FieldBeforeAfter', 'Task cap57'])
  await page.getByText('Raw JSON').click()
  expect(JSON.parse((await textOf(page.locator('pre'))) ?? '')).toMatchObject({
    Before: { MaxConcurrentTasks: 5 },
    After: { MaxConcurrentTasks: 7 },
  })
  await button(cap, /^Details of Events-/).press('Enter')
  await changes.waitFor({ state: 'detached' })

  await button(row(page, 'Node node-c is being drained: new disk.'), /^Details of Events-/).click()
  const drained = changes.getByRole('row')
  await eventually(() => drained.allTextContents()).toContain('Drain modenoyes')
  expect(await drained.allTextContents()).toContain('Drain reason–new disk')
  await row(page, 'is being drained').getByRole('link', { name: 'node-c' }).first().click()
  await eventually(() => new URL(page.url()).pathname).toBe('/app/nodes/OctopusServerNodes-node-c')
})

test('filters narrow the trail, live in the address, and outlast a reload', async () => {
  const page = await tako.openConsole({ path: '/app/audit', user: 'operator' })
  await button(page, /^Details of/)
    .first()
    .waitFor()
  await page.getByLabel('Group').selectOption('Nodes')
  await page.getByLabel('Category').selectOption('Node drain started')
  await page.getByLabel('Node', { exact: true }).selectOption('node-c')
  await page.getByLabel('Time').selectOption('Last 24 hours')
  await page.getByLabel('User', { exact: true }).fill('admin')
  await eventually(() => queryOf(page)).toEqual({
    group: 'Nodes',
    category: 'NodeDrainStarted',
    node: 'node-c',
    span: '24h',
    user: 'admin',
  })
  await page.getByText('1 event', { exact: true }).waitFor()
  await page.reload()
  await page.getByText('1 event', { exact: true }).waitFor()
  expect(await page.getByLabel('Category').inputValue()).toBe('NodeDrainStarted')
  await page.getByLabel('Regarding: node, task, job or id').fill('node-a')
  await page.getByText('No events match').waitFor()
  await page.getByLabel('Filters of the audit trail').getByRole('button', { name: 'Clear filters' }).click()
  await eventually(() => queryOf(page)).toEqual({})
  await page.getByLabel('Time').selectOption('Between …')
  await page.getByLabel('To', { exact: true }).fill('2020-01-01T00:00')
  await page.getByText('No events match').waitFor()
  expect(queryOf(page).to).toContain('2020-01-01T')
})

test('what is recorded meanwhile is counted, and nothing jumps until it is asked for', async () => {
  const page = await tako.openConsole({ path: '/app/audit?node=node-b' })
  const first = button(page, /^Details of/).first()
  const before = await first.getAttribute('aria-label')
  await setCap('node-b', 8)
  await setCap('node-b', 9)
  await setCap('node-a', 6)
  await button(page, '2 new events').waitFor()
  expect(await first.getAttribute('aria-label')).toBe(before)
  await button(page, '2 new events').click()
  await row(page, 'changed from 8 to 9.').waitFor()
  await button(page, '2 new events').waitFor({ state: 'detached' })
  expect(await first.getAttribute('aria-label')).not.toBe(before)
})

test('older events follow on demand, and one event has an address of its own', async () => {
  for (let cap = 10; cap < 65; cap += 1) await setCap('node-b', cap)
  const page = await tako.openConsole({ path: '/app/audit?category=Modified' })
  const details = button(page, /^Details of/)
  await details.first().waitFor()
  expect(await details.count()).toBe(50)
  await button(page, 'Show older events').click()
  const oldest = row(page, 'changed from 9 to 10.')
  await oldest.waitFor()
  await button(oldest, /^Details of/).click()
  await page.getByRole('link', { name: /^Link to Events-/ }).click()
  await page.getByText(/Only Events-\d+ is shown/).waitFor()
  await eventually(() => page.getByRole('table', { name: /^What Events-/ }).count()).toBe(1)
  await page.reload()
  await page.getByRole('table', { name: /^What Events-/ }).waitFor()
  expect(await details.count()).toBe(1)
  await page.getByRole('link', { name: 'Show all events' }).click()
  await eventually(() => details.count()).toBe(50)
})

test('the export holds what the filters leave', async () => {
  const page = await tako.openConsole({ path: '/app/audit?category=NodeDrainStarted,NodeDrainEnded&node=node-c' })
  await page.getByText('2 events', { exact: true }).waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export CSV' }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^tako-events-\w+\.csv$/)
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('"Category"')
  expect(lines[1]).toContain('"NodeDrainEnded"')
  expect(lines[2]).toContain('new disk')
})

test('a new API key works until it is revoked, and is shown once', async () => {
  const page = await tako.openConsole({ path: '/app/profile', user: 'operator' })
  await button(page, 'New API key').click()
  const dialog = page.getByRole('dialog')
  await button(dialog, 'Create').click()
  await dialog.getByText('Say what the key is for.').waitFor()
  await dialog.getByLabel('Purpose').fill('Nightly report')
  await dialog.getByLabel('Expires').selectOption('In 30 days')
  await button(dialog, 'Create').click()
  const key = await dialog.getByLabel('API key for “Nightly report”').inputValue()
  await button(dialog, 'Copy the API key').click()
  await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  await page.keyboard.press('Escape')
  expect(await dialog.getByLabel('API key for “Nightly report”').inputValue()).toBe(key)
  await expectNoAxeViolations(page)
  await button(dialog, 'I have copied it').click()
  await dialog.waitFor({ state: 'detached' })
  expect(await page.content()).not.toContain(key)

  const statusWith = async () =>
    (await fetch(`${tako.cluster.url}/api/users/me`, { headers: { 'X-Octopus-ApiKey': key } })).status
  expect(await statusWith()).toBe(200)
  const entry = row(page, 'Nightly report')
  await eventually(() => textOf(entry)).toMatch(/in (29|30) d.*from 127\.0\.0\.1 through node-[abc]/)
  await button(entry, 'Revoke the API key for Nightly report').click()
  await button(page.getByRole('dialog'), 'Cancel').click()
  expect(await statusWith()).toBe(200)
  await button(entry, 'Revoke the API key for Nightly report').click()
  await button(page.getByRole('dialog'), 'Revoke').click()
  await page.getByText('No API keys yet').waitFor()
  await eventually(statusWith).toBe(401)
})

test('a new password: faults beside their fields, other sessions end, and it is the one to sign in with', async () => {
  // What is asked in the moment of the change is refused, and asked again with the new session.
  const expects = [/PUT \S+ 400/, /GET \S+ 401/]
  const page = await tako.openConsole({ path: '/app/profile', user: 'operator', expects })
  const other = await tako.openConsole({ path: '/app/jobs', user: 'operator', expects: [/answer: GET \S+ 401/] })
  await button(other, 'Run now: retention').waitFor()
  const change = button(page, 'Change password')
  const fill = async (current: string, next: string, repeated: string) => {
    await page.getByLabel('Current password', { exact: true }).fill(current)
    await page.getByLabel('New password', { exact: true }).fill(next)
    await page.getByLabel('Repeat the new password', { exact: true }).fill(repeated)
    await change.click()
  }
  await fill('', 'short', 'other')
  for (const fault of ['Give your present password.', 'A password has at least', 'This is not what you typed']) {
    await page.getByText(fault).waitFor()
  }
  await fill('not the password', 'a better password', 'a better password')
  await page.getByText('This is not your present password.').waitFor()
  await expectNoAxeViolations(page)
  await fill(PASSWORD, 'a better password', 'a better password')
  await page.getByText('Your password is changed.').waitFor()
  await eventually(() => page.getByLabel('New password', { exact: true }).inputValue()).toBe('')
  expect(await sessionDialog(page).count()).toBe(0)
  await sessionDialog(other).waitFor()
  await page.reload()
  await heading(page, 'Profile').waitFor()
  expect(await sessionDialog(page).count()).toBe(0)

  const next = await tako.openConsole({ path: '/app/profile', user: 'nobody', expects: [/POST \S+login 401/] })
  await signIn(next, 'operator', PASSWORD)
  await next.getByRole('alert').waitFor()
  await signIn(next, 'operator', 'a better password')
  await heading(next, 'Profile').waitFor()
})

test('signing out everywhere ends the other sessions too, and one sign-in is enough to come back', async () => {
  const expects = [/answer: \w+ \S+ 401/]
  const page = await tako.openConsole({ path: '/app/profile', user: 'viewer', expects })
  const other = await tako.openConsole({ path: '/app/jobs', user: 'viewer', expects })
  await button(other, 'Run now: retention').waitFor()
  await button(page, 'Sign out everywhere').click()
  await button(page.getByRole('dialog'), 'Sign out everywhere').click()
  await heading(page, 'Sign in to Tako').waitFor()
  await sessionDialog(other).waitFor()
  await signIn(page, 'viewer')
  await heading(page, 'Profile').waitFor()
  await page.getByText('No API keys yet').waitFor()
  expect(await sessionDialog(page).count()).toBe(0)
})

test('the profile says what the role allows, and keeps the colours that are chosen', async () => {
  const page = await tako.openConsole({ path: '/app/profile', user: 'viewer' })
  const permissions = page.getByRole('list', { name: 'Permissions' }).getByRole('listitem')
  await permissions.first().waitFor()
  const texts = await permissions.allTextContents()
  expect(texts.filter((text) => text.startsWith('May see') || text.startsWith('May read'))).toHaveLength(3)
  expect(texts).toContain('May not change tasks, their order or the cluster jobsTaskEdit')
  await page.getByRole('radio', { name: 'Dark' }).press('Space')
  await page.reload()
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor()
  expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true)
})

test.each([
  ['light', 1400],
  ['dark', 1400],
  ['light', 380],
  ['dark', 380],
] as const)(
  'axe-core finds nothing on the three pages and nothing is cut off, %s, %i px',
  async (colorScheme, width) => {
    const page = await tako.openConsole({ path: '/app/jobs', colorScheme, width, height: 800 })
    const check = async () => {
      await expectNoAxeViolations(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    }
    await button(page, 'Run now: retention').waitFor()
    await check()
    await page.goto(`${tako.cluster.url}/app/audit?category=NodeDrainStarted`)
    await button(page, /^Details of/)
      .first()
      .click()
    await page.getByText('Raw JSON').click()
    await check()
    await page.goto(`${tako.cluster.url}/app/profile`)
    await page.getByText('API keys').first().waitFor()
    await check()
    await button(page, 'New API key').click()
    await page.getByLabel('Expires').selectOption('No end')
    await check()
  },
)
