import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const MAX_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 64 * 1024

/** Opens a log for appending and returns its descriptor. One that has grown over 10 MB is first put aside as `<path>.1`. */
export function openLogFile(path: string): number {
  if (existsSync(path) && statSync(path).size > MAX_BYTES) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}

/** The lines at the end of a log, from byte `from` on and at most the last 64 KiB; none when it cannot be read. */
export function readLogTail(path: string, from = 0): string[] {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return []
  }
  try {
    const { size } = fstatSync(file)
    const start = Math.max(from > size ? 0 : from, size - TAIL_BYTES)
    const bytes = Buffer.alloc(size - start)
    const read = readSync(file, bytes, 0, bytes.length, start)
    return bytes
      .toString('utf8', 0, read)
      .split('\n')
      .filter((line) => line.trim() !== '')
  } finally {
    closeSync(file)
  }
}
