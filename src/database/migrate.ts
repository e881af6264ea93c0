import type { Sql, Transaction } from './connect.ts'
import { type Migration, migrations } from './migrations/all.ts'

/** Names the lock under which one node at a time changes the schema. */
const MIGRATION_LOCK = 7_405_901

/**
 * Brings the schema up to this code's number, one transaction for each migration, and returns the number the database then
 * has: greater than `schemaNumber` when newer nodes have already been here, in which case nothing is changed.
 */
export async function migrate(sql: Sql, steps: readonly Migration[] = migrations): Promise<number> {
  for (;;) {
    const current = await sql.begin((tx) => migrateOneStep(tx, steps))
    if (current.done) return current.number
  }
}

async function migrateOneStep(
  tx: Transaction,
  steps: readonly Migration[],
): Promise<{ number: number; done: boolean }> {
  await tx`set local statement_timeout = '10min'`
  await tx`set local lock_timeout = '1min'`
  await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`
  await tx`create table if not exists schema_migration (number integer primary key, applied_at timestamptz not null default clock_timestamp())`
  const number = await readSchemaNumber(tx)
  const next = steps.find((step) => step.number > number)
  if (!next) return { number, done: true }
  await tx.unsafe(next.statements).simple()
  await tx`insert into schema_migration (number) values (${next.number})`
  return { number: next.number, done: false }
}

/** The schema's number as the database has it; 0 for an empty one. */
export async function readSchemaNumber(tx: Transaction | Sql): Promise<number> {
  const rows = await tx<{ number: number }[]>`select coalesce(max(number), 0) as number from schema_migration`
  return rows[0]?.number ?? 0
}
