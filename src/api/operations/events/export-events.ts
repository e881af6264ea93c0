import { Readable } from 'node:stream'
import type { Sql } from '../../../database/connect.ts'
import { wireDate } from '../../dates.ts'
import { csvLine } from '../../views/csv.ts'
import { categoryName } from '../../views/event-view.ts'
import { type EventFilter, type EventRow, listEvents } from './queries.ts'

/** An export holds at most so many events, the newest; with `toAutoId` the next export goes on where it ended. */
export const MOST_EXPORTED = 100_000
/** So many are read, and held in memory, at once. */
const BATCH = 1000
/** Tells spreadsheets that the text is UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF'

export interface ExportWish {
  skip: number
  take: number
  withDifferences: boolean
}

/**
 * The events as a CSV file, newest first, read a batch at a time. What is recorded meanwhile is not in it: each batch goes
 * on below the last event of the one before. Resolves with the first batch read, so that a database that fails is told of
 * by the answer's status.
 */
export async function exportEvents(sql: Sql, filter: EventFilter, wish: ExportWish): Promise<Readable> {
  const lines = exportLines(sql, filter, wish)
  const first = await lines.next()
  return Readable.from(continued(first.done ? '' : first.value, lines), { objectMode: false })
}

async function* continued(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first
  yield* rest
}

async function* exportLines(sql: Sql, filter: EventFilter, wish: ExportWish): AsyncGenerator<string> {
  const columns = columnsOf(wish.withDifferences)
  let heading = BYTE_ORDER_MARK + csvLine(columns.map(([name]) => name))
  let { skip, take: left } = wish
  let toId = filter.toId
  for (;;) {
    const size = Math.min(BATCH, left)
    const rows = await listEvents(sql, { ...filter, toId }, skip, size)
    const text = heading + rows.map((row) => csvLine(columns.map(([, cell]) => cell(row)))).join('')
    if (text !== '') yield text
    const last = rows.at(-1)
    left -= rows.length
    if (!last || rows.length < size || left === 0) return
    heading = ''
    skip = 0
    toId = last.id - 1
  }
}

type Column = readonly [name: string, cell: (row: EventRow) => string | null]

const COLUMNS: readonly Column[] = [
  ['Id', ({ id }) => `Events-${id}`],
  ['Occurred', ({ occurred }) => wireDate(occurred)],
  ['Category', ({ category }) => category],
  ['CategoryName', ({ category }) => categoryName(category)],
  ['Username', ({ username }) => username],
  ['UserId', ({ user_id }) => (user_id === null ? 'users-system' : `Users-${user_id}`)],
  ['IdentityEstablishedWith', ({ established_with }) => established_with],
  ['IpAddress', ({ address }) => address],
  ['UserAgent', ({ user_agent }) => user_agent],
  ['NodeName', ({ node }) => node],
  ['Message', ({ message }) => message],
  ['RelatedDocumentIds', ({ related }) => related.join(' ')],
]

const DIFFERENCE_COLUMNS: readonly Column[] = [
  ['Before', ({ before }) => before && JSON.stringify(before)],
  ['After', ({ after }) => after && JSON.stringify(after)],
]

function columnsOf(withDifferences: boolean): readonly Column[] {
  return withDifferences ? [...COLUMNS, ...DIFFERENCE_COLUMNS] : COLUMNS
}

/** `tako-events-20240821T161746Z.csv`: says when the file was asked for. */
export function exportFileName(at: Date): string {
  return `tako-events-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.csv`
}
