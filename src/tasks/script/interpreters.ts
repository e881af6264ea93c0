import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The languages in which a script may run on the server. */
export type Syntax = 'Bash' | 'Python' | 'PowerShell'

interface Interpreter {
  /** Its program, looked for on the PATH. */
  readonly program: string
  readonly title: string
  readonly extension: string
  /** What stands before the script's file and its arguments. No start-up files, and output as it comes. */
  readonly options: readonly string[]
}

const INTERPRETERS = {
  Bash: { program: 'bash', title: 'Bash (bash)', extension: 'sh', options: ['--noprofile', '--norc'] },
  Python: { program: 'python3', title: 'Python (python3)', extension: 'py', options: ['-u'] },
  PowerShell: {
    program: 'pwsh',
    title: 'PowerShell (pwsh)',
    extension: 'ps1',
    options: ['-NoLogo', '-NoProfile', '-NonInteractive', '-File'],
  },
} satisfies Record<Syntax, Interpreter>

export const syntaxes: readonly Syntax[] = ['Bash', 'Python', 'PowerShell']

/** The command that runs a script file with its arguments, or a sentence saying why this machine cannot. */
export type FoundInterpreter = { readonly command: readonly string[] } | { readonly missing: string }

/** Looks for the syntax's interpreter on this machine now, since a server may gain or lose one while it runs. */
export async function findInterpreter(
  syntax: Syntax,
  node: string,
  path = process.env.PATH ?? '',
): Promise<FoundInterpreter> {
  const { program, title, options } = INTERPRETERS[syntax]
  const found = await findOnPath(program, path)
  if (found) return { command: [found, ...options] }
  return {
    missing: `The server ${node} has no ${title} on its PATH, so it cannot run this script. Install ${program} there, or write the script in a language that every server has, such as Bash.`,
  }
}

/** The name that a script of this syntax has in its folder; PowerShell insists on the extension. */
export function scriptFileName(syntax: Syntax): string {
  return `script.${INTERPRETERS[syntax].extension}`
}

/** The first file of that name in the folders of a PATH that this process may execute. */
export async function findOnPath(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (!folder.startsWith('/')) continue
    const file = join(folder, program)
    if (await isExecutable(file)) return file
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
