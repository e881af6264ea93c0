import { homedir } from 'node:os'

/** A stream the command writes to; a terminal says so and knows its width. */
export interface OutputStream {
  write(text: string | Uint8Array, done?: (error?: Error | null) => void): boolean
  readonly isTTY?: boolean
  readonly columns?: number
}

/** All that a command takes from the process it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** From now on, a reader that closes the pipe (`head`, say) ends the program quietly. */
  endWhenReaderGone(): void
}

/** 128 + SIGPIPE: what a shell reports for a program whose reader has gone. */
const READER_GONE = 141

/** The real process. */
export function processSurroundings(): Surroundings {
  return {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    endWhenReaderGone() {
      process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error
        process.exit(READER_GONE)
      })
    },
  }
}
