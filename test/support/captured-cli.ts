import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../src/cli/main.ts'
import type { Surroundings } from '../../src/cli/surroundings.ts'

/** Runs of the CLI in this process, with a home of their own, whose output is kept. */
export interface CapturedCli {
  readonly home: string
  run(
    args: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>
  remove(): void
}

/** Prepares such runs; `columns` makes standard output a terminal of that width. */
export function captureCli({ columns }: { columns?: number } = {}): CapturedCli {
  const home = mkdtempSync(join(tmpdir(), 'tako-cli-home-'))
  return {
    home,
    async run(args, env = {}) {
      const output = { stdout: '', stderr: '' }
      const stream = (name: keyof typeof output) => ({
        write(text: string | Uint8Array, done?: (error?: Error | null) => void) {
          output[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8')
          done?.()
          return true
        },
      })
      const terminal = columns === undefined ? {} : { isTTY: true, columns }
      const surroundings: Surroundings = {
        env,
        cwd: home,
        home,
        stdin: process.stdin,
        stdout: { ...stream('stdout'), ...terminal },
        stderr: stream('stderr'),
        endWhenReaderGone: () => {},
      }
      return { exitCode: await runCli([...args], surroundings), ...output }
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
