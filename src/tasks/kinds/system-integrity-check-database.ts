import { randomUUID } from 'node:crypto'
import type { Sql } from '../../database/connect.ts'
import { readSchemaNumber } from '../../database/migrate.ts'
import { schemaNumber } from '../../database/migrations/all.ts'
import { type Clock, MINUTE, SECOND } from '../../lib/clock.ts'
import { formatDuration } from '../../lib/duration.ts'
import { only } from '../../lib/must.ts'
import type { Findings } from './system-integrity-check.ts'

const SLOW_ROUND_TRIP_MS = 100
const LEAST_FREE_SESSIONS = 10
/** Beyond this an open transaction keeps vacuum from cleaning the queue, and tasks start ever more slowly. */
const OLD_TRANSACTION_MS = MINUTE
const CLOCK_TOLERANCE_MS = SECOND

/** Asks for nothing, three times; then writes a row, reads it back, and rolls back. */
export async function checkWriting(findings: Findings, sql: Sql, clock: Clock): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const sent = clock.monotonicMs()
    await sql`select 1`
    times.push(clock.monotonicMs() - sent)
  }
  const best = Math.min(...times)
  findings.facts.push(`answers in ${best.toFixed(1)} ms.`)
  if (best > SLOW_ROUND_TRIP_MS) findings.warnings.push('a round trip takes longer than 100 ms: tasks start late.')
  await writeAndRollBack(sql)
  findings.facts.push('a row was written and read back.')
}

/** Thrown to roll a transaction back. */
class RollBack extends Error {
  override name = 'RollBack'
}

async function writeAndRollBack(sql: Sql): Promise<void> {
  const key = `integrity check ${randomUUID()}`
  try {
    await sql.begin(async (tx) => {
      await tx`insert into throttle (key, failures, window_end) values (${key}, 0, clock_timestamp())`
      const rows = await tx`select 1 from throttle where key = ${key}`
      if (rows.length !== 1) throw new Error('a row that was written could not be read back')
      throw new RollBack()
    })
  } catch (error) {
    if (!(error instanceof RollBack)) throw error
  }
}

/** The schema of the database against the one this node's code is made for. */
export async function checkSchema(findings: Findings, sql: Sql): Promise<void> {
  const found = await readSchemaNumber(sql)
  if (found < schemaNumber) findings.faults.push(`the schema is ${found}, but this node needs ${schemaNumber}.`)
  else if (found > schemaNumber) {
    findings.warnings.push(`the schema is ${found}, newer than this node's ${schemaNumber}: upgrade this node.`)
  } else findings.facts.push(`the schema is ${found}, as this node needs it.`)
}

/** How many more sessions the server takes, whoever opens them. */
export async function checkConnections(findings: Findings, sql: Sql): Promise<void> {
  const rows = await sql<{ usable: number; used: number }[]>`
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as usable,
           (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`
  const { usable, used } = only(rows)
  findings.facts.push(`${used} of ${usable} are in use.`)
  if (usable - used < LEAST_FREE_SESSIONS) {
    findings.warnings.push(`only ${usable - used} are free: raise max_connections, or close other clients.`)
  }
}

/** Looks for what keeps vacuum from cleaning: the oldest transaction of a session, or a prepared one. */
export async function checkVacuum(findings: Findings, sql: Sql, toleratedMs = OLD_TRANSACTION_MS): Promise<void> {
  const rows = await sql<{ holder: string; ageMs: number }[]>`
    select holder, round(extract(epoch from clock_timestamp() - since) * 1000)::bigint as "ageMs" from (
      select format('session %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) as holder, xact_start as since
      from pg_stat_activity
      where datname = current_database() and backend_xmin is not null and pid <> pg_backend_pid()
        and backend_type <> 'autovacuum worker' and xact_start is not null
      union all
      select format('prepared transaction %s', gid), prepared from pg_prepared_xacts where database = current_database()
    ) as holders
    order by since limit 1`
  const oldest = rows[0]
  if (!oldest || oldest.ageMs < toleratedMs) findings.facts.push('nothing keeps it from cleaning the queue.')
  else {
    const age = formatDuration(oldest.ageMs)
    findings.warnings.push(`${oldest.holder} has held a transaction open for ${age}, which slows the queue: end it.`)
  }
}

/** This machine's clock against the database's, which decides; the difference shows in logs and dates only. */
export async function checkClock(findings: Findings, sql: Sql, now: () => number): Promise<void> {
  const sent = now()
  const rows = await sql<{ at: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as at`
  const received = now()
  const difference = Math.round((sent + received) / 2 - only(rows).at)
  findings.facts.push(`this node is ${Math.abs(difference)} ms ${difference < 0 ? 'behind' : 'ahead of'} the database.`)
  if (Math.abs(difference) - (received - sent) / 2 > CLOCK_TOLERANCE_MS) {
    findings.warnings.push(
      'the difference is more than a second: times in logs will mislead. Set up time synchronisation.',
    )
  }
}
