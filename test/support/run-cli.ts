import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const TAKO = fileURLToPath(new URL('../../bin/tako.js', import.meta.url))

/** What a run of the program came to. */
export interface CliResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** A run of the program that goes on. */
export interface CliRun {
  /** What it has printed so far. */
  readonly output: { stdout: string; stderr: string }
  readonly done: Promise<CliResult>
  signal(name: NodeJS.Signals): void
  /** Stops reading its standard output. */
  closeOutput(): void
}

export interface CliRunOptions {
  env?: Record<string, string>
  cwd?: string
  input?: string
}

/**
 * Runs `bin/tako.js` in a process of its own, with a home and a working folder that hold nothing unless told, and none of
 * this process's TAKO variables.
 */
export function startCli(args: readonly string[], options: CliRunOptions = {}): CliRun {
  const empty = mkdtempSync(join(tmpdir(), 'tako-cli-'))
  const child = spawn(process.execPath, [TAKO, ...args], {
    cwd: options.cwd ?? empty,
    env: { PATH: process.env.PATH, HOME: empty, ...options.env },
    stdio: 'pipe',
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  child.stdin.end(options.input ?? '')
  const done = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      rmSync(empty, { recursive: true, force: true })
      resolve({ exitCode: code ?? (signal ? 128 : -1), ...output })
    })
  })
  return { output, done, signal: (name) => void child.kill(name), closeOutput: () => void child.stdout.destroy() }
}

/** As `startCli`, to its end. */
export function runCliProcess(args: readonly string[], options?: CliRunOptions): Promise<CliResult> {
  return startCli(args, options).done
}
