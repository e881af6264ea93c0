import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { consoleForTests, expectNoAxeViolations, signIn } from '../support/browser.ts'
import { PASSWORD } from '../support/console-cluster.ts'
import { until } from '../support/until.ts'

const tako = consoleForTests()

const WRONG = /answer: POST \/api\/users\/login 401/

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })
const signInPage = (page: Page) => heading(page, 'Sign in to Tako')
const sessionDialog = (page: Page) => page.getByRole('dialog', { name: 'Your session has ended' })

test('who is not signed in is asked to, and gets the page that the address names', async () => {
  const page = await tako.openConsole({ path: '/app/audit?category=LoginFailed', user: 'nobody' })
  await signInPage(page).waitFor()
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('username')
  await signIn(page, 'admin')
  await heading(page, 'Audit').waitFor()
  expect(new URL(page.url()).pathname).toBe('/app/audit')
  expect(new URL(page.url()).search).toContain('category=LoginFailed')
  expect(await page.title()).toBe('Audit · Tako')
})

test('a wrong password is told beside the form, which keeps the name, and the right one is taken then', async () => {
  const page = await tako.openConsole({ path: '/app', user: 'nobody', expects: [WRONG] })
  await signInPage(page).waitFor()
  await signIn(page, 'admin', 'not the password')
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('The user name or the password is wrong')
  expect(await page.getByLabel('Username', { exact: true }).inputValue()).toBe('admin')
  await signIn(page, 'admin')
  await heading(page, 'Nodes').waitFor()
  expect(new URL(page.url()).pathname).toBe('/app/nodes')
})

test.each(['light', 'dark'] as const)('axe-core finds nothing on the sign-in page, %s', async (colorScheme) => {
  const page = await tako.openConsole({ path: '/app', user: 'nobody', colorScheme })
  await signInPage(page).waitFor()
  await expectNoAxeViolations(page)
})

test('a session lasts over a reload, until one signs out; the way back shows nothing', async () => {
  const page = await tako.openConsole({ path: '/app/nodes', user: 'nobody' })
  await signIn(page, 'admin')
  await heading(page, 'Nodes').waitFor()
  await page.reload()
  await heading(page, 'Nodes').waitFor()
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  await heading(page, 'Tasks').waitFor()
  await signOut(page)
  await signInPage(page).waitFor()
  expect(await tako.cluster.sql`select 1 from event where category = 'LoggedOut'`).toHaveLength(1)
  await page.reload()
  await signInPage(page).waitFor()
  await page.goBack()
  await expect.poll(() => new URL(page.url()).pathname).toBe('/app/nodes')
  await signInPage(page).waitFor()
  expect(await page.getByText('node-b').count()).toBe(0)
})

test('a session that ends is asked for in place: the page stays, with all it shows, and goes on', async () => {
  const expects = [/answer: \w+ \/api\/\S+ 401/]
  const page = await tako.openConsole({ path: '/app/nodes', expects })
  await page.getByText('node-b', { exact: true }).first().waitFor()
  await page.evaluate(() => {
    document.body.dataset.mark = 'the same page'
  })
  await tako.cluster.expireSessions()
  await sessionDialog(page).waitFor()
  expect(await page.getByText('node-b', { exact: true }).first().isVisible()).toBe(true)
  await expectNoAxeViolations(page)
  await sessionDialog(page).getByLabel('Password', { exact: true }).fill('correct horse battery')
  await sessionDialog(page).getByRole('button', { name: 'Sign in', exact: true }).click()
  await sessionDialog(page).waitFor({ state: 'detached' })
  await tako.cluster.api.post('/api/octopusservernodes/OctopusServerNodes-node-c/drain')
  await page.getByText('Drained', { exact: true }).first().waitFor()
  await tako.cluster.api.post('/api/octopusservernodes/OctopusServerNodes-node-c/undrain')
  expect(await page.evaluate(() => document.body.dataset.mark)).toBe('the same page')
})

test('what is typed in a popover outlives the end of the session, whatever is pressed in the dialog', async () => {
  const expects = [/answer: \w+ \/api\/\S+ 401/]
  const page = await tako.openConsole({ path: '/app/nodes', expects })
  await page.getByRole('switch', { name: 'Drain node-b', exact: true }).press('Space')
  const form = page.getByRole('form', { name: 'Drain node-b' })
  await form.getByLabel('Reason', { exact: true }).fill('new kernel')
  await tako.cluster.expireSessions()
  const dialog = sessionDialog(page)
  await dialog.waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password')
  await page.keyboard.press('Escape')
  await dialog.getByText('Sign in again to go on where you are').click()
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await form.getByLabel('Reason', { exact: true }).inputValue()).toBe('new kernel')
})

test('another user who signs in within the dialog gets a page of their own', async () => {
  const expects = [/answer: \w+ \/api\/\S+ 401/]
  const viewer = await tako.cluster.userOf('viewer')
  const page = await tako.openConsole({ path: '/app/nodes?text=node', expects })
  await page.getByText('node-b', { exact: true }).first().waitFor()
  await page.evaluate(() => {
    document.body.dataset.mark = 'the same page'
    sessionStorage.setItem('tako-draft', 'of the administrator')
  })
  await tako.cluster.expireSessions()
  await sessionDialog(page).waitFor()
  await signIn(page, viewer)
  await page.getByRole('button', { name: 'User menu of The viewer' }).waitFor()
  await sessionDialog(page).waitFor({ state: 'detached' })
  expect(new URL(page.url()).pathname).toBe('/app/nodes')
  expect(await page.evaluate(() => document.body.dataset.mark ?? sessionStorage.getItem('tako-draft'))).toBe(null)
})

test('tabs of one browser keep together: out in one is out in all, in again too, and a new user is new in all', async () => {
  const expects = [/answer: \w+ \/api\/\S+ 401/]
  const viewer = await tako.cluster.userOf('viewer')
  const first = await tako.openConsole({ path: '/app/nodes', expects })
  await first.getByText('node-b', { exact: true }).first().waitFor()
  const second = await first.context().newPage()
  await second.goto(`${tako.cluster.url}/app/audit`)
  await heading(second, 'Audit').waitFor()
  await signOut(first)
  await signInPage(second).waitFor()
  await signIn(second, 'admin')
  await heading(second, 'Audit').waitFor()
  await heading(first, 'Nodes').waitFor()
  await tako.cluster.expireSessions()
  await sessionDialog(first).waitFor()
  await sessionDialog(second).waitFor()
  await signIn(second, 'admin')
  await sessionDialog(first).waitFor({ state: 'detached' })
  await sessionDialog(second).waitFor({ state: 'detached' })
  await tako.cluster.expireSessions()
  await sessionDialog(first).waitFor()
  await signIn(first, viewer)
  await first.getByRole('button', { name: 'User menu of The viewer' }).waitFor()
  await second.getByRole('button', { name: 'User menu of The viewer' }).waitFor()
})

test('a session goes on when the node behind the page dies', async () => {
  const page = await tako.openConsole({ path: '/app/nodes' })
  await page.getByText('node-b', { exact: true }).first().waitFor()
  tako.expectProblems(page, /(answer: GET \S+ 50[23])|(no answer: GET)/)
  await tako.cluster.kill('node-a')
  await until('the page shows a node as offline', async () => (await page.getByText(/^offline$/i).count()) > 0, 20_000)
  expect(await sessionDialog(page).count()).toBe(0)
  await page.reload()
  await heading(page, 'Nodes').waitFor()
  await tako.cluster.start('node-a')
})

test('a viewer sees the nodes, under their own name', async () => {
  const page = await tako.openConsole({ path: '/app/nodes', user: 'viewer' })
  await page.getByText('node-b', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'User menu of The viewer' }).click()
  await page.getByText('viewer, viewer').waitFor()
})

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^User menu of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
}
