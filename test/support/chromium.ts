import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const LOCK = join(tmpdir(), 'tako-chromium-install.lock')
/** How long the first use may take: packages are downloaded. */
export const INSTALL_LIMIT_MS = 600_000

/** Starts a browser of the machine's own; installs one where there is none. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium() ?? (await installChromium())
  const isRoot = process.getuid?.() === 0
  return await chromium.launch({
    executablePath,
    timeout: 60_000,
    args: [...(isRoot ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  })
}

/** The program named by TAKO_TEST_CHROMIUM, or the first one on the PATH. */
function findChromium(): string | undefined {
  const given = process.env.TAKO_TEST_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = (given ? [given] : NAMES).flatMap((name) =>
    isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)),
  )
  const found = candidates.find(isExecutable)
  if (given && !found) throw new Error(`TAKO_TEST_CHROMIUM is ${given}, and there is no such program.`)
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** One process installs; those that come meanwhile wait for it. */
async function installChromium(): Promise<string> {
  const end = Date.now() + INSTALL_LIMIT_MS
  while (!takeLock()) {
    if (Date.now() > end) throw new Error(`Another process has been installing Chromium for long. Is ${LOCK} stale?`)
    await sleep(500)
  }
  try {
    const found = findChromium() ?? (await install())
    if (!found) throw new Error(`Chromium was installed, and is not on the PATH as any of ${NAMES.join(', ')}.`)
    return found
  } finally {
    rmSync(LOCK, { force: true })
  }
}

async function install(): Promise<string | undefined> {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if ((await run([...prefix, 'apt-get', '--version'])) !== undefined) {
    throw new Error(
      'The browser tests need Chromium, and it cannot be installed from here. Install it, or set TAKO_TEST_CHROMIUM to the path of one.',
    )
  }
  for (const step of [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', 'chromium'],
  ]) {
    const fault = await run([...prefix, ...step])
    if (fault !== undefined) throw new Error(`Chromium could not be installed ("${step.join(' ')}"): ${fault}`)
  }
  return findChromium()
}

/** What it said when it failed. */
function run([program = '', ...args]: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const limits = { timeout: INSTALL_LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(program, args, { env, ...limits }, (error, _stdout, stderr) =>
      resolve(error ? `${error.message}\n${stderr.slice(-2000)}` : undefined),
    )
  })
}

function takeLock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const owner = ownerOfLock()
    if (owner !== undefined && owner > 0 && !isAlive(owner)) rmSync(LOCK, { force: true })
    return false
  }
}

function ownerOfLock(): number | undefined {
  try {
    return Number(readFileSync(LOCK, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
