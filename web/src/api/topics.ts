/** What the event stream tells of. */
export const TOPICS = ['node', 'leadership', 'queue', 'task', 'event', 'schedule'] as const

export type Topic = (typeof TOPICS)[number]

export interface Concern {
  topics?: readonly Topic[]
  ids?: readonly string[]
}

/** True when a query with this concern shows what the event tells of. No ids in the event mean many. */
export function isConcerned(concern: Concern, topic: Topic, ids: readonly string[]): boolean {
  if (!concern.topics?.includes(topic)) return false
  return ids.length === 0 || concern.ids === undefined || concern.ids.some((id) => ids.includes(id))
}

/** The ids in an event's data; an empty list, which means many, for data that cannot be read. */
export function idsOf(data: string): string[] {
  const parsed = parsedOf(data)
  const ids = 'Ids' in parsed ? parsed.Ids : []
  return Array.isArray(ids) ? ids.map(String) : []
}

/** The node that says hello; undefined when it does not tell its name. */
export function nodeOf(data: string): string | undefined {
  const parsed = parsedOf(data)
  return 'Node' in parsed && typeof parsed.Node === 'string' ? parsed.Node : undefined
}

function parsedOf(data: string): object {
  try {
    const parsed: unknown = JSON.parse(data)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}
