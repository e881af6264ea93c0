// While nodes are upgraded, a page of one node may name files that only nodes with the same version have, and a balancer may
// ask another one. This gets such files into the browser's cache, from whichever node has them, and reads the page again:
// a few times at most, then it says what is wrong. Once a page stands, its other parts are fetched ahead, so that they are
// still there when no node has them any more.
;(() => {
  const KEY = 'tako-reloads'
  const MOST_RELOADS = 6
  const WITHIN_MS = 120_000
  const TRIES_FOR_A_FILE = 6
  const AHEAD_AFTER_MS = 2000
  const ADVICE = 'The nodes may be changing their version at this moment. Wait a little, then try again.'

  const recentReloads = () => {
    const known = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    return known.filter((at) => Date.now() - at < WITHIN_MS)
  }

  const mayReload = () => {
    try {
      const reloads = recentReloads()
      if (reloads.length >= MOST_RELOADS) return false
      sessionStorage.setItem(KEY, JSON.stringify([...reloads, Date.now()]))
      return true
    } catch {
      // Without storage nobody could count, and it might go on for ever.
      return false
    }
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms * (0.5 + Math.random())))

  const fetchIntoCache = async (url) => {
    for (let tries = 0; tries < TRIES_FOR_A_FILE; tries += 1) {
      if (tries > 0) await pause(25 * 2 ** tries)
      const answer = await fetch(url).catch(() => undefined)
      if (answer?.ok) return void (await answer.blob())
    }
  }

  const filesOfPage = () =>
    [...document.querySelectorAll('script[src], link[href]')]
      .map((one) => one.src || one.href)
      .filter((url) => url.includes('/assets/'))

  /** The other parts of this page's build, but for large ones. */
  const partsOfBuild = () =>
    (document.querySelector('meta[name="tako-parts"]')?.content ?? '').split(' ').filter((part) => part !== '')

  /** Reads the page again with its files and these in the cache, as far as any node has them. False when that was done too often lately. */
  const reload = async (files = []) => {
    if (!mayReload()) return false
    await Promise.all([...new Set([...filesOfPage(), ...files, ...partsOfBuild()])].map(fetchIntoCache))
    location.reload()
    return true
  }

  const sayItFailed = (root) => {
    const main = document.createElement('main')
    main.setAttribute('role', 'alert')
    const heading = document.createElement('h1')
    heading.textContent = 'The console could not be loaded'
    const advice = document.createElement('p')
    advice.textContent = ADVICE
    const again = document.createElement('button')
    again.textContent = 'Try again'
    again.addEventListener('click', () => {
      sessionStorage.removeItem(KEY)
      location.reload()
    })
    main.append(heading, advice, again)
    root.replaceChildren(main)
  }

  let isRecovering = false
  const onError = async ({ target }) => {
    const isFile = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement
    const root = document.getElementById('root')
    // What fails after the start belongs to one page, and is told there.
    if (!isFile || isRecovering || root?.hasChildNodes()) return
    isRecovering = true
    if (document.readyState === 'loading') await new Promise((done) => addEventListener('DOMContentLoaded', done))
    if (!(await reload())) sayItFailed(document.getElementById('root'))
  }
  const fetchPartsAhead = async () => {
    for (const part of partsOfBuild()) await fetchIntoCache(part)
  }
  addEventListener('load', () => setTimeout(() => void fetchPartsAhead(), AHEAD_AFTER_MS))
  addEventListener('error', (event) => void onError(event), true)
  globalThis.takoReload = reload
})()
