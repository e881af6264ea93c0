import { closeSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { DAY } from '../lib/clock.ts'
import { leaseLine } from './lease.ts'

const SUFFIX = '.lease'

/** Where the heart of an incarnation keeps its lease file. The folder should be on a local disk, best in memory. */
export function leaseFilePath(folder: string, incarnation: string): string {
  return join(folder, `${incarnation}${SUFFIX}`)
}

/** Seconds since the machine's boot, suspended time included: CLOCK_BOOTTIME, as in /proc/uptime. */
export function bootSeconds(): number {
  return uptime()
}

/** The file that tells the guards of attempts until when they may go on. */
export interface LeaseFile {
  /** A beat sent at this time of `bootSeconds()` was accepted. */
  renew(sentBootSeconds: number): void
  /** The incarnation is over: guards end their attempts at once. */
  expire(): void
  remove(): void
}

/**
 * Makes the file, in a folder that only this user may enter. It is written synchronously, from the heart's thread: a queue
 * of other file work must not delay it; and in place, so that a full disk does not stop it.
 */
export function createLeaseFile(path: string, incarnation: string): LeaseFile {
  const file = openSync(path, 'w', 0o600)
  const write = (seconds: number) => writeSync(file, leaseLine(seconds, incarnation), 0)
  write(0)
  return {
    renew: write,
    expire: () => write(0),
    remove() {
      write(0)
      closeSync(file)
      unlinkSync(path)
    },
  }
}

/** Makes the folder, and removes what killed processes left there a day ago or earlier: a live heart's file is younger. */
export function prepareLeaseFolder(folder: string, nowMs: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.endsWith(SUFFIX) && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) < nowMs - DAY)
      removeQuietly(path)
  }
}

/** Another node of this machine may be cleaning up at the same time. */
function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {}
}
