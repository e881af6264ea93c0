import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the build puts the console; the same from `src` as from `dist`. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url))

/** The page under which every route of the console opens. */
export const INDEX = 'index.html'

/** A file of the console, held in memory: all of them are a few MB. */
export interface ConsoleFile {
  readonly type: string
  readonly body: Buffer
  /** The same compressed, where the build has made that. */
  readonly gzip: Buffer | undefined
  /** A strong validator of `body`, without quotes. */
  readonly hash: string
}

/** The files by their path below the folder, with `/` between names. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Reads the console; undefined when it has not been built. */
export async function readConsoleFiles(folder = CONSOLE_FOLDER): Promise<ConsoleFiles | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nothingThere)
  const paths = entries?.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) ?? []
  const contents = new Map<string, Buffer>()
  for (const path of paths) {
    // A build that runs at this moment may take a file away that has just been listed.
    const body = await readFile(path).catch(nothingThere)
    if (body) contents.set(relative(folder, path).split(sep).join('/'), body)
  }
  if (!contents.has(INDEX)) return undefined
  const files = new Map<string, ConsoleFile>()
  for (const [name, body] of contents) {
    if (name.endsWith('.gz')) continue
    const type = TYPES[extname(name)] ?? 'application/octet-stream'
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
    files.set(name, { type, body, gzip: contents.get(`${name}.gz`), hash })
  }
  return files
}

function nothingThere(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined
  throw error
}
