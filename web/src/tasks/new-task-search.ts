import { readText } from '../parts/search-params.ts'

/** What the address of this page says beside its path. */
export interface NewTaskSearch {
  /** The id of a task whose kind, arguments and limits the form begins with. */
  from?: string
}

/** Reads it; what cannot be meant is left out. */
export function readNewTaskSearch(raw: Record<string, unknown>): NewTaskSearch {
  const from = readText(raw.from)
  return from === undefined ? {} : { from }
}
