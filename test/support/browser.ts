import { mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import type { Role } from '../../src/identity/permissions.ts'
import { must } from '../../src/lib/must.ts'
import { INSTALL_LIMIT_MS, launchChromium } from './chromium.ts'
import { type ConsoleCluster, createConsoleCluster, PASSWORD } from './console-cluster.ts'
import { type PageProblems, watchProblems } from './page-problems.ts'

/** How long a condition may take to come about in a page on a busy machine. */
const SOON_MS = 30_000
const TEST_LIMIT_MS = 180_000

export interface OpenOptions {
  /** Where to, such as `/app/tasks?state=Failed`. */
  path: string
  /** Whose session the browser has; `nobody` has none. */
  user?: Role | 'nobody'
  colorScheme?: 'light' | 'dark'
  /** Of the window, in pixels; 380 is a telephone. */
  width?: number
  height?: number
  /** An IANA name. */
  timezone?: string
  /** The address of a node, to go past the front door. */
  url?: string
  /** Problems (see `watchProblems`) that belong to the test, such as `/answer: GET .* 403/`. */
  expects?: readonly RegExp[]
}

/** The console of a real cluster in a real browser, for the tests of one file. */
export interface ConsoleTests {
  readonly cluster: ConsoleCluster
  /** Opens a page in a browser that knows nothing of others, signed in as the administrator unless told. */
  openConsole(options: OpenOptions): Promise<Page>
  /** From now on these problems of the page belong to the test. */
  expectProblems(page: Page, ...patterns: readonly RegExp[]): void
}

export interface ConsoleTestsOptions {
  /** Default: node-a, node-b, node-c. */
  nodes?: readonly string[]
  /** Settings of every node. */
  environment?: Record<string, string>
}

/**
 * To be called at the top of a test file: before its tests one cluster and one browser are started, and ended after them.
 * A test fails when a page of its has had a problem that it did not expect; of the pages of a test that fails a picture
 * is kept, whose path is printed.
 */
export function consoleForTests({ nodes, environment }: ConsoleTestsOptions = {}): ConsoleTests {
  vi.setConfig({ testTimeout: TEST_LIMIT_MS })
  let cluster: ConsoleCluster | undefined
  let browser: Browser | undefined
  let open: { context: BrowserContext; page: Page; problems: PageProblems }[] = []

  beforeAll(async () => {
    browser = await launchChromium()
    cluster = await createConsoleCluster(nodes, environment)
  }, INSTALL_LIMIT_MS)

  afterEach(async ({ task }) => {
    const pages = open
    open = []
    const problems = pages.flatMap((one) => one.problems.unexpected())
    if (problems.length > 0 || task.result?.state === 'fail') await keepPictures(task.name, pages)
    await Promise.all(pages.map(({ context }) => context.close()))
    if (problems.length > 0) throw new Error(`The pages had problems:\n${problems.join('\n')}`)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await cluster?.close()
  }, 60_000)

  const theCluster = () => must(cluster, 'the cluster is started before the first test')
  return {
    get cluster() {
      return theCluster()
    },
    async openConsole(options) {
      const { user = 'administrator', url = theCluster().url, width = 1400, height = 900 } = options
      const context = await must(browser, 'the browser is started before the first test').newContext({
        viewport: { width, height },
        colorScheme: options.colorScheme ?? 'light',
        reducedMotion: 'reduce',
        locale: 'en-GB',
        timezoneId: options.timezone ?? 'UTC',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      context.setDefaultTimeout(SOON_MS)
      if (user !== 'nobody') {
        const cookies = await theCluster().sessionOf(await theCluster().userOf(user))
        await context.addCookies(cookies.map((cookie) => ({ ...cookie, url })))
      }
      const page = await context.newPage()
      const problems = watchProblems(page)
      problems.expect(...(options.expects ?? []), ...(user === 'nobody' ? [/answer: GET \/api\/\S+ 401/] : []))
      open.push({ context, page, problems })
      await page.goto(url + options.path)
      return page
    },
    expectProblems(page, ...patterns) {
      must(open.find((one) => one.page === page)).problems.expect(...patterns)
    },
  }
}

/** Fills in the form of the sign-in page or of the dialog over a page, and sends it. */
export async function signIn(page: Page, username: string, password: string = PASSWORD): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

let pictures: string | undefined

async function keepPictures(test: string, pages: readonly { page: Page }[]): Promise<void> {
  pictures ??= mkdtempSync(join(tmpdir(), 'tako-console-pictures-'))
  for (const [index, { page }] of pages.entries()) {
    const name = test.replace(/[^\w-]+/g, '-').slice(0, 80)
    const path = join(pictures, `${name}-${index + 1}.png`)
    // A page that has crashed has no picture, and the test fails all the same.
    const isKept = await page.screenshot({ path }).then(
      () => true,
      () => false,
    )
    if (isKept) console.error(`Picture of "${test}" at ${page.url()}: ${path}`)
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Fails with every rule of axe-core that the page, as it is now, or the part at `selector` breaks, and where. */
export async function expectNoAxeViolations(page: Page, selector?: string): Promise<void> {
  // By the debugger, since the page's policy allows no script but its own.
  await page.evaluate(`${AXE}; undefined`)
  const result = await page.evaluate<AxeResults>(`axe.run(${selector ? JSON.stringify(selector) : 'document'})`)
  const faults = result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary ?? ''}`),
  )
  if (faults.length > 0) throw new Error(`axe-core found at ${page.url()}:\n${faults.join('\n')}`)
}
