import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttemptIdentity } from './attempt-mark.ts'
import { GUARD_PROGRAM } from './guard-program.ts'

/** What one attempt of a script keeps on disk: readable by nobody else, and gone when the attempt has ended. */
export interface ScriptFolder {
  readonly path: string
  readonly guardFile: string
  readonly scriptFile: string
  readonly outputFifo: string
  readonly errorsFifo: string
  /** The script's variables need not lie on disk once it runs. */
  forgetEnvironment(): Promise<void>
  remove(): Promise<void>
}

export interface ScriptFiles {
  /** The script's text, and the name its file gets; the name never comes from outside. */
  readonly body: string
  readonly fileName: string
  /** Beyond these the script is given TMPDIR, its own folder, unless it is among them. */
  readonly environment: Readonly<Record<string, string>>
}

/** Lays out the folder of an attempt. Text goes through files, since the arguments of a process can be read by everybody. */
export async function createScriptFolder(
  workFolder: string,
  { taskId, attempt, incarnation }: AttemptIdentity,
  { body, fileName, environment }: ScriptFiles,
): Promise<ScriptFolder> {
  await mkdir(workFolder, { recursive: true, mode: 0o700 })
  const path = await mkdtemp(join(workFolder, `${incarnation}.${taskId}.${attempt}.`))
  const folder = describeFolder(path, fileName)
  try {
    await chmod(path, 0o700)
    await mkdir(join(path, 'work'))
    await writeFile(folder.guardFile, GUARD_PROGRAM, { mode: 0o600 })
    await writeFile(folder.scriptFile, body, { mode: 0o600 })
    const variables = { TMPDIR: join(path, 'work'), ...environment }
    const text = Object.entries(variables).map(([name, value]) => `${name}=${value}\0`)
    await writeFile(join(path, 'environment'), text.join(''), { mode: 0o600 })
    return folder
  } catch (error) {
    await folder.remove()
    throw error
  }
}

function describeFolder(path: string, fileName: string): ScriptFolder {
  return {
    path,
    guardFile: join(path, 'guard'),
    scriptFile: join(path, fileName),
    outputFifo: join(path, 'output'),
    errorsFifo: join(path, 'errors'),
    forgetEnvironment: () => rm(join(path, 'environment'), { force: true }),
    remove: () => removeFolder(path),
  }
}

/** Removes what the attempts of an incarnation that is gone left in the work folder. */
export async function removeLeftoverFolders(workFolder: string, incarnation: string): Promise<void> {
  const names = await readdir(workFolder).catch(() => [])
  for (const name of names) if (name.startsWith(`${incarnation}.`)) await removeFolder(join(workFolder, name))
}

/** What cannot be removed (a mount, an immutable file) must not make an attempt fail that has ended. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 }).catch(() => {})
}
