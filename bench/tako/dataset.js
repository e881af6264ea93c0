import { DAY } from '../../dist/lib/clock.js'

/** Queues no-op tasks in one statement, with what the product's own enqueueing writes. Ids begin where the last one ended. */
export async function queueTasks(sql, count) {
  await sql`
    insert into task (kind, space, description, arguments, expiry_ms, expires_at, when_lost, task_lease_ms, created_by)
    select 'BenchNoop', 'Spaces-1', 'nothing', jsonb_build_object('id', i), ${DAY},
      clock_timestamp() + interval '1 day', 'rerun', 20000, 'admin'
    from generate_series(1, ${count}::int) i`
}

/**
 * Writes finished tasks as months of use would leave them, but within the retention: spread over 29 days and three
 * nodes, one in a hundred failed, one in five hundred cancelled.
 */
export async function addFinishedTasks(sql, count) {
  await sql`
    insert into task (kind, space, description, arguments, state, queue_time, queued_since, expiry_ms, expires_at,
      when_lost, task_lease_ms, attempt, node, incarnation, started_at, completed_at, updated_at, end_id, cause, created_by)
    select case when i % 10 = 0 then 'AdHocScript' else 'BenchNoop' end, 'Spaces-1', 'nothing ' || i,
      jsonb_build_object('id', i), state::task_state, at, at, ${DAY}, at + interval '1 day', 'rerun', 20000, 1,
      (array['node-a', 'node-b', 'node-c'])[1 + i % 3], gen_random_uuid(), at, at + interval '2 s', at + interval '2 s',
      gen_random_uuid(), case when state = 'Success' then null else 'as the benchmark wanted it' end, 'admin'
    from (
      select i, clock_timestamp() - interval '29 days' * (1 - i::float8 / ${count}::int) - interval '1 minute' as at,
        case when i % 500 = 0 then 'Canceled' when i % 100 = 1 then 'Failed' else 'Success' end as state
      from generate_series(1, ${count}::int) i) made`
}
