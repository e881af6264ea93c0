/** What a running PostgreSQL writes into `postmaster.pid`. */
export interface PostmasterFile {
  pid: number
  port: number | undefined
  /** `starting`, `ready`, `stopping`, or empty while it has not come so far. */
  status: string
}

/** Reads the text of `postmaster.pid`; undefined when it holds no process number (a half-written file, or none of its kind). */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split('\n')
  const pid = Number(lines[0]?.trim())
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  const port = Number(lines[3]?.trim())
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined, status: lines[7]?.trim() ?? '' }
}
