import type { Log } from '../lib/log.ts'

/**
 * Keeps the process alive through two faults of the database driver (postgres 3.4), which would end it although every
 * query's failure has reached its caller: when a session is cut while it is being opened, the promise of an inner query of
 * the driver's is rejected with nobody to hear it; and when one is cut in a transaction, the driver may write to the
 * socket it has just dropped. Anything else that nobody has caught is ours, and ends the process as it should.
 */
export function surviveDriverFaults(log: Log): void {
  process.on('unhandledRejection', (reason) => judge(reason, log))
  process.on('uncaughtException', (error) => judge(error, log))
}

function judge(error: unknown, log: Log): void {
  if (isDriverFault(error)) {
    log.warn({ err: error }, 'a database session was cut; the driver is going on')
    return
  }
  log.fatal({ err: error }, 'an error that nobody caught; the thread or process ends')
  log.flush()
  process.exit(1)
}

const CUT_SESSION =
  /^(CONNECTION_(CLOSED|DESTROYED|ENDED)|CONNECT_TIMEOUT|ECONN(RESET|REFUSED)|EPIPE|57P0[123]|08\w{3})$/

/** An error of a session that is gone, or one thrown in the driver's own handling of its socket. */
export function isDriverFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && CUT_SESSION.test(String(error.code))) return true
  const [, thrownAt = ''] = (error.stack ?? '').split('\n    at ')
  return error instanceof TypeError && /node_modules\/postgres\/(src|cjs\/src)\/connection\.js/.test(thrownAt)
}
