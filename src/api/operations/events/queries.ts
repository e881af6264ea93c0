import type { Sql } from '../../../database/connect.ts'

export interface EventRow {
  id: number
  occurred: Date
  category: string
  message: string
  user_id: number | null
  username: string
  established_with: string | null
  address: string | null
  user_agent: string | null
  node: string | null
  related: string[]
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  is_service: boolean
}

/** Which events are asked for; what is undefined does not narrow. */
export interface EventFilter {
  ids?: number[] | undefined
  categories?: string[] | undefined
  /** About every one of these. */
  regarding?: string[] | undefined
  /** About at least one of these. */
  regardingAny?: string[] | undefined
  userIds?: number[] | undefined
  usernames?: string[] | undefined
  /** Beginnings of ids, such as `ServerTasks`. */
  documentTypes?: string[] | undefined
  /** Beginnings of user agents; an empty text stands for events without one. */
  agents?: string[] | undefined
  from?: Date | undefined
  to?: Date | undefined
  fromId?: number | undefined
  toId?: number | undefined
}

/** The condition on `event e` that a filter means. */
function matching(sql: Sql, filter: EventFilter) {
  const {
    ids,
    categories,
    regarding,
    regardingAny,
    userIds,
    usernames,
    documentTypes,
    agents,
    from,
    to,
    fromId,
    toId,
  } = filter
  const all = [
    ids && sql`e.id = any(${ids}::bigint[])`,
    categories && sql`e.category = any(${categories}::text[])`,
    regarding && sql`e.related @> ${regarding}::text[]`,
    regardingAny && sql`e.related && ${regardingAny}::text[]`,
    (userIds || usernames) &&
      sql`(e.user_id = any(${userIds ?? []}::bigint[]) or lower(e.username) = any(${usernames ?? []}::text[]))`,
    documentTypes &&
      sql`exists (select from unnest(e.related) as r (id) where split_part(r.id, '-', 1) = any(${documentTypes}::text[]))`,
    agents &&
      sql`exists (select from unnest(${agents}::text[]) as a (prefix)
                  where case when a.prefix = '' then e.user_agent is null else starts_with(e.user_agent, a.prefix) end)`,
    from && sql`e.occurred >= ${from}`,
    to && sql`e.occurred <= ${to}`,
    fromId !== undefined && sql`e.id >= ${fromId}`,
    toId !== undefined && sql`e.id <= ${toId}`,
  ].filter((condition) => condition !== undefined && condition !== false)
  return all.reduce((left, right) => sql`${left} and ${right}`, sql`true`)
}

/** One page of events, newest first. */
export async function listEvents(sql: Sql, filter: EventFilter, skip: number, take: number): Promise<EventRow[]> {
  return await sql<EventRow[]>`
    select e.id, e.occurred, e.category, e.message, e.user_id, e.username, e.established_with, e.address, e.user_agent,
           e.node, e.related, e.before, e.after, coalesce(u.is_service, false) as is_service
    from event e left join app_user u on u.id = e.user_id
    where ${matching(sql, filter)}
    order by e.id desc offset ${skip} limit ${take}`
}

/** How many events the filter lets through. */
export async function countEvents(sql: Sql, filter: EventFilter): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) from event e where ${matching(sql, filter)}`
  return row?.count ?? 0
}
