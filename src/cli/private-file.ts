import { renameSync, writeFileSync } from 'node:fs'

/** Writes a file that only its owner reads: beside and then renamed, so that nobody ever finds half of it. */
export function writePrivateFile(file: string, text: string): void {
  const beside = `${file}.${crypto.randomUUID()}`
  // "wx": a file of that name that somebody else made, with other rights, is not written into.
  writeFileSync(beside, text, { mode: 0o600, flag: 'wx' })
  renameSync(beside, file)
}
