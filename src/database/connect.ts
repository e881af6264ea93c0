import postgres from 'postgres'

export type Sql = postgres.Sql<{ bigint: number }>
export type Transaction = postgres.TransactionSql<{ bigint: number }>
/** Either of the two: for statements that run alone as well as in a transaction. */
export type Queryable = Sql | Transaction

/** What a set of sessions is for; shown in pg_stat_activity as `tako <purpose> <node>`. */
export interface ConnectOptions {
  purpose: string
  /** The node's name, or what else opens the sessions. */
  owner: string
  /** At most this many sessions; each is opened when first needed. */
  max: number
  /** Seconds after which an unused session is closed; 0 keeps it. */
  idleSeconds?: number
  /** Settings for each session beyond the ones every session has. */
  settings?: Record<string, string | number>
  /** Called when a session ended that was open. */
  onClose?: () => void
}

/**
 * A frozen or cut-off node must hold no lock longer than a second, so the server ends its transaction; and no statement of
 * ours may run for long, since its snapshot would keep vacuum from cleaning the queue.
 */
const SESSION_SETTINGS = {
  idle_in_transaction_session_timeout: 1000,
  statement_timeout: 10_000,
  lock_timeout: 3000,
  client_connection_check_interval: 2000,
  tcp_keepalives_idle: 2,
  tcp_keepalives_interval: 1,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 4000,
  timezone: 'UTC',
}

/**
 * A setting that means nothing and makes the first message of a session longer than the 1024 bytes up to which the driver
 * (postgres 3.4) holds messages back until the next turn. When a session is cut in such a moment the driver forgets to
 * forget what it held back: a short first message of the next session would wait behind it for ever, that is until the
 * connect timeout, twice. A long one goes out at once; the server refuses it, and the driver begins anew.
 */
const PADDING = { 'tako.padding': '-'.repeat(1024) }

/**
 * Opens a set of sessions on the database. Nothing connects until the first query; a lost session is replaced by the next
 * query. int8 is read as number (ids and terms stay far below 2^53), timestamps as Date.
 */
export function connect(url: string, options: ConnectOptions): Sql {
  return postgres(url, {
    max: options.max,
    idle_timeout: options.idleSeconds ?? 0,
    max_lifetime: null,
    connect_timeout: 5,
    backoff: (attempt) => Math.min(2, 0.05 * 2 ** attempt),
    target_session_attrs: 'read-write',
    onnotice: () => {},
    ...(options.onClose ? { onclose: options.onClose } : {}),
    types: {
      bigint: {
        to: 20,
        from: [20],
        serialize: (value: number) => String(value),
        parse: (text: string) => Number(text),
      },
    },
    connection: {
      application_name: `tako ${options.purpose} ${options.owner}`.slice(0, 63),
      ...SESSION_SETTINGS,
      ...PADDING,
      ...options.settings,
    },
  })
}
