import { readOneOf, readText } from '../parts/search-params.ts'

export const NODE_FILTERS = ['recent', 'all', 'online', 'starting', 'draining', 'drained', 'offline'] as const
export type NodeFilter = (typeof NODE_FILTERS)[number]

const SORTS = ['name', 'rank', 'status', 'seen', 'tasks', 'cap', 'version']

/** What the address of this page says beside its path. */
export interface NodesSearch {
  /** Which nodes; the recently active ones by default. */
  show?: Exclude<NodeFilter, 'recent'>
  /** In the name. */
  text?: string
  /** A column, `-` before it for descending. By name by default. */
  sort?: string
}

/** Reads it; what cannot be meant is left out. */
export function readNodesSearch(raw: Record<string, unknown>): NodesSearch {
  const show = readOneOf(raw.show, NODE_FILTERS)
  const text = readText(raw.text)
  const sort = readText(raw.sort)
  return {
    ...(show === undefined || show === 'recent' ? {} : { show }),
    ...(text === undefined ? {} : { text }),
    ...(sort !== undefined && SORTS.includes(sort.replace(/^-/, '')) ? { sort } : {}),
  }
}
