import type { Sql } from '../../../database/connect.ts'
import { DAY } from '../../../lib/clock.ts'
import { only } from '../../../lib/must.ts'

/** What was lost longer ago is only meant by who says since when: nobody re-runs last month's work by mistake. */
const DEFAULT_MS = DAY

/** Since when lost tasks are meant: as asked, or for a day, by the database's clock. */
export async function lostSince(sql: Sql, asked: Date | undefined): Promise<Date> {
  if (asked) return asked
  const rows = await sql<{ since: Date }[]>`select clock_timestamp() - ${DEFAULT_MS} * interval '1 ms' as since`
  return only(rows).since
}
