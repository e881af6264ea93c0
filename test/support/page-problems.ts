import type { Page } from 'playwright-core'

/** What goes wrong in a page without anybody looking: errors of the console and of scripts, refused and failed requests. */
export interface PageProblems {
  /** Those that match this are what the test is about. */
  expect(...patterns: readonly RegExp[]): void
  /** The others, in the order in which they came. */
  unexpected(): string[]
}

/** Starts watching; violations of the content security policy come as errors of the console. */
export function watchProblems(page: Page): PageProblems {
  const seen: string[] = []
  const expected: RegExp[] = []
  page.on('pageerror', (error) => seen.push(`error in the page: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    // Chromium says of every refused request what 'response' and 'requestfailed' say better.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return
    seen.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() < 400) return
    seen.push(`answer: ${response.request().method()} ${pathOf(response.url())} ${response.status()}`)
  })
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? 'unknown'
    // The page itself gave it up: it went elsewhere, or closed its event stream.
    if (reason !== 'net::ERR_ABORTED') seen.push(`no answer: ${request.method()} ${pathOf(request.url())} ${reason}`)
  })
  return {
    expect: (...patterns) => void expected.push(...patterns),
    unexpected: () => seen.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}
