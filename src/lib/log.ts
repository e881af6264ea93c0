import { type Logger, pino } from 'pino'

export type Log = Logger

/** The process's logger: one JSON line each on standard output, with the node's name. Secrets are never handed to it. */
export function createLog(level: string, bindings: Record<string, unknown>): Log {
  return pino({
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.password', '*.apiKey', 'headers.cookie', 'headers["x-octopus-apikey"]', 'headers.authorization'],
  })
}

/** A logger that says nothing, for tools and tests. */
export const silentLog: Log = pino({ level: 'silent' })
