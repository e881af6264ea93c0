/** One change between two states of a document, in the manner of a JSON patch, with the value it replaced. */
export interface Difference {
  op: 'add' | 'remove' | 'replace'
  /** Such as `/MaxConcurrentTasks`. */
  path: string
  /** The value before; absent for an addition. */
  from?: unknown
  /** The value after; absent for a removal. */
  value?: unknown
}

type Document = Readonly<Record<string, unknown>>

/** What has to change in `before` to make it `after`, in the order of the fields. Lists are compared as wholes. */
export function differencesBetween(before: Document, after: Document, under = ''): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): Difference[] => {
    const path = `${under}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const [from, value] = [before[name], after[name]]
    if (from === undefined) return value === undefined ? [] : [{ op: 'add', path, value }]
    if (value === undefined) return [{ op: 'remove', path, from }]
    if (isDocument(from) && isDocument(value)) return differencesBetween(from, value, path)
    return JSON.stringify(from) === JSON.stringify(value) ? [] : [{ op: 'replace', path, from, value }]
  })
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
