/** By which column, and which way. */
export interface Sort {
  by: string
  direction: 'ascending' | 'descending'
}

/** What a click on a column's heading leads to. */
export function nextSort(sort: Sort | undefined, by: string): Sort {
  const isSame = sort?.by === by
  return { by, direction: isSame && sort.direction === 'ascending' ? 'descending' : 'ascending' }
}

type SortKey = string | number | boolean | null | undefined

const TEXTS = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** The rows in the order of the key that the sort's column has; what has no key comes last. Unsorted without such a column. */
export function sortedBy<Row>(
  rows: readonly Row[],
  sort: Sort | undefined,
  keys: Readonly<Record<string, (row: Row) => SortKey>>,
): Row[] {
  const keyOf = sort && keys[sort.by]
  if (!keyOf) return [...rows]
  const sign = sort.direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1
    if (y === null || y === undefined) return -1
    return (
      sign *
      (typeof x === 'string' || typeof y === 'string' ? TEXTS.compare(String(x), String(y)) : Number(x) - Number(y))
    )
  })
}

/** A sort as the URL has it: `name`, or `-name` for descending. */
export function sortText(sort: Sort): string {
  return sort.direction === 'descending' ? `-${sort.by}` : sort.by
}

/** The sort that a text in the URL means; undefined for an empty one. */
export function sortOfText(text: string | undefined): Sort | undefined {
  if (!text) return undefined
  return text.startsWith('-') ? { by: text.slice(1), direction: 'descending' } : { by: text, direction: 'ascending' }
}
