import type { AuditEvent } from '../api/wire.ts'
import { absoluteText } from '../parts/dates.ts'

/** Where a document has a page. */
type DocumentPlace =
  | { page: 'node'; id: string; name: string }
  | { page: 'task'; id: string; name: string }
  | { page: 'jobs'; id: string; name: string }
  | { page: 'none'; id: string; name: string }

/** Where the document of that id is shown, and what it is called. */
export function placeOf(id: string): DocumentPlace {
  if (id.startsWith('OctopusServerNodes-')) return { page: 'node', id, name: id.slice('OctopusServerNodes-'.length) }
  if (id.startsWith('ServerTasks-')) return { page: 'task', id, name: id }
  if (id.startsWith('ScheduledTasks-')) return { page: 'jobs', id, name: id.slice('ScheduledTasks-'.length) }
  return { page: 'none', id, name: id }
}

interface MessagePiece {
  text: string
  /** The document that this piece names. */
  id?: string
  /** Where it begins in the message. */
  at: number
}

/** The message in pieces, those that name a document with its id. */
export function messagePieces(event: Pick<AuditEvent, 'Message' | 'MessageReferences'>): MessagePiece[] {
  const { Message: message } = event
  const pieces: MessagePiece[] = []
  let at = 0
  const references = [...event.MessageReferences].sort((one, other) => one.StartIndex - other.StartIndex)
  for (const { ReferencedDocumentId: id, StartIndex: start, Length: length } of references) {
    if (start < at) continue
    if (start > at) pieces.push({ text: message.slice(at, start), at })
    at = start + length
    pieces.push({ text: message.slice(start, at), id, at: start })
  }
  if (at < message.length) pieces.push({ text: message.slice(at), at })
  return pieces
}

export interface ChangeRow {
  /** Its place in the document, such as `/MaxConcurrentTasks`. */
  path: string
  field: string
  before: string
  after: string
}

/** What an event changed, field by field. */
export function changeRows({ Differences }: AuditEvent['ChangeDetails']): ChangeRow[] {
  return Differences.map(({ path, from, value }) => ({
    path,
    field: fieldName(path),
    before: valueText(from),
    after: valueText(value),
  }))
}

const KNOWN: Readonly<Record<string, string>> = {
  MaxConcurrentTasks: 'Task cap',
  IsInMaintenanceMode: 'Drain mode',
  CancelAtDeadline: 'Cancel at the deadline',
  UndrainAt: 'Undrain at',
  IsEnabled: 'Switched on',
}

/** The field at a path in words: `/MaxConcurrentTasks` is the task cap, `/Some/LongName` is `Some, long name`. */
export function fieldName(path: string): string {
  const names = path
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const words = names
    .map((name) => KNOWN[name] ?? name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase())
    .join(', ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

/** A value for people: an en dash for none, yes and no, dates in the user's zone. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string')
    return DATE.test(value) && !Number.isNaN(Date.parse(value)) ? absoluteText(value) : value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What came with the event, whole, for those who want it raw; undefined without any. */
export function rawText({ Before, After }: AuditEvent['ChangeDetails']): string | undefined {
  if (Before === null && After === null) return undefined
  return JSON.stringify({ Before, After }, null, 2)
}
