// Builds the web console into dist/web with a compressed variant of every text, unless the last build was from the very
// same sources. Several processes may build at once: one does, the others wait and find its work done.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const web = join(root, 'web')
const target = join(root, 'dist', 'web')
const workshop = join(root, 'dist', 'web.new')
const stamp = join(root, 'dist', 'web.stamp')
const lock = join(root, 'dist', 'web.lock')

/** What is smaller gains nothing. */
const SMALLEST_TO_COMPRESS = 512
const LOOK_AGAIN_MS = 100
/** No build takes this long. */
const LOCK_ENDS_AFTER_MS = 5 * 60_000

/** True for the names in dist that this build answers for, and what is below them. */
export function isOfWeb(path) {
  return /^web(\.new)?([/\\]|$)/.test(path)
}

/** Brings dist/web up to date. */
export async function buildWeb() {
  if (isUpToDate()) return
  mkdirSync(dirname(lock), { recursive: true })
  while (!takeLock()) {
    await sleep(LOOK_AGAIN_MS)
    if (isUpToDate()) return
  }
  try {
    if (!isUpToDate()) await buildNow()
  } finally {
    rmSync(lock, { force: true })
  }
}

async function buildNow() {
  const sources = fingerprint()
  const { build } = await import('vite')
  await build({
    configFile: join(web, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: workshop, emptyOutDir: true, reportCompressedSize: false },
  })
  await compress()
  putInPlace()
  writeFileSync(stamp, sources)
}

async function compress() {
  for (const file of filesBelow(workshop)) {
    const body = readFileSync(join(workshop, file))
    if (!/\.(js|css|svg|json|webmanifest|txt)$/.test(file) || body.length < SMALLEST_TO_COMPRESS) continue
    writeFileSync(join(workshop, `${file}.gz`), await promisify(gzip)(body, { level: 9 }))
  }
}

/** File by file, the page last and the old files after it: a node that starts meanwhile finds every file of the page it reads. */
function putInPlace() {
  const fresh = filesBelow(workshop).sort((a, b) => Number(a === 'index.html') - Number(b === 'index.html'))
  for (const file of fresh) {
    mkdirSync(dirname(join(target, file)), { recursive: true })
    renameSync(join(workshop, file), join(target, file))
  }
  for (const file of filesBelow(target)) if (!fresh.includes(file)) rmSync(join(target, file))
  rmSync(workshop, { recursive: true, force: true })
}

function isUpToDate() {
  return existsSync(join(target, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()
}

/** Of everything the build is made from. Tests are not; types of the server's are, but leave nothing behind. */
function fingerprint() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '')
  const sources = filesBelow(web).filter((file) => !/\.test\.tsx?$/.test(file))
  for (const file of [...sources.map((name) => `web/${name}`), 'scripts/build-web.js', 'package-lock.json']) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** False while another process builds; the lock of one that has died is removed. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    // It is empty for the moment between being made and being written.
    const mayBuild = owner === 0 || isAlive(owner)
    if (!mayBuild || Date.now() - statSync(lock).mtimeMs > LOCK_ENDS_AFTER_MS) unlinkSync(lock)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return false
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
