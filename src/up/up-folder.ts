import { randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ConfigurationError } from '../lib/errors.ts'
import { ensureFolder, withFiles, withFilesLater } from './file-fault.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { renderEnvFile } from './node-settings.ts'
import { keepSecret } from './postgres-folder.ts'

/** Where everything of one local cluster lies. */
export interface UpFolder {
  root: string
  shared: string
  postgres: string
  record: string
  logs: string
  adminPasswordFile: string
  logOf(node: string): string
  envOf(node: string): string
}

/** Creates the data folder with its parts, closed to other users. */
export function openUpFolder(root: string): UpFolder {
  const folder = {
    root,
    shared: join(root, 'shared'),
    postgres: join(root, 'postgres'),
    record: join(root, 'up.json'),
    logs: join(root, 'logs'),
    adminPasswordFile: join(root, 'admin-password'),
    logOf: (node: string) => join(root, 'logs', `${node}.log`),
    envOf: (node: string) => join(root, `${node}.env`),
  }
  for (const path of [root, folder.shared, folder.logs]) ensureFolder(path)
  return folder
}

/** Takes the folder for this `tako up`, or refuses because another one lives. */
export async function takeUpFolder(folder: UpFolder): Promise<FolderLock> {
  const lock = await withFilesLater('use the data folder', folder.root, () => lockFolder(folder.root, 'up.lock'))
  if ('release' in lock) return lock
  throw new ConfigurationError(
    `Another "tako up" (process ${lock.heldBy.pid}) already runs on ${folder.root}: stop it with Ctrl-C, or choose another --data-dir and --port.`,
  )
}

/** The cluster's secrets: kept from the first start on, taken then from the environment where that has them. */
export function keptSecrets(folder: UpFolder, env: NodeJS.ProcessEnv): { masterKey: string; adminPassword: string } {
  return {
    masterKey: keepSecret(
      join(folder.root, 'master-key'),
      () => env.TAKO_MASTER_KEY || randomBytes(32).toString('base64'),
    ),
    adminPassword: keepSecret(
      folder.adminPasswordFile,
      () => env.TAKO_ADMIN_PASSWORD || randomBytes(15).toString('base64url'),
    ),
  }
}

/** Writes a node's settings to its file, with which it can be started by hand. */
export function writeEnvFile(folder: UpFolder, node: string, settings: Record<string, string>): void {
  const file = folder.envOf(node)
  withFiles('write', file, () => {
    writeFileSync(`${file}.new`, renderEnvFile(settings), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  })
}

/** A path as the operator would type it here. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short !== '' && !short.startsWith('..') ? short : path
}
