import type { AuditEvent } from '../../api/wire.ts'

export type TimeLineLook =
  | 'joined'
  | 'returned'
  | 'led'
  | 'unled'
  | 'draining'
  | 'drained'
  | 'undrained'
  | 'cap'
  | 'changed'
  | 'lost'
  | 'stopped'
  | 'deleted'

/** An event as the time line of a node tells it. */
export interface TimeLineEntry {
  id: string
  /** A date of the wire. */
  at: string
  look: TimeLineLook
  /** In few words. */
  title: string
  /** Why, and what else belongs to it; a sentence, or empty. */
  detail: string
  /** Who did it; undefined for the system. */
  by: string | undefined
}

/** What an event means in the time line of the node of this name. */
export function timeLineEntry(event: AuditEvent, nodeName: string): TimeLineEntry {
  const before = factsOf(event.ChangeDetails.Before)
  const after = factsOf(event.ChangeDetails.After)
  return {
    id: event.Id,
    at: event.Occurred,
    by: event.UserId === 'users-system' ? undefined : event.Username,
    ...told(event, before, after, nodeName),
  }
}

type Told = Pick<TimeLineEntry, 'look' | 'title' | 'detail'>

function told(event: AuditEvent, before: Facts, after: Facts, nodeName: string): Told {
  switch (event.Category) {
    case 'NodeRegistered':
      return {
        look: 'joined',
        title: after.text('Cause') === 'first start' ? 'Joined the cluster' : 'Started',
        detail: joined([
          after.text('Cause') === 'first start' ? '' : sentence(after.text('Cause')),
          after.text('Version') && `Version ${after.text('Version')}.`,
          after.is('IsInMaintenanceMode') ? 'In drain mode.' : '',
        ]),
      }
    case 'NodeReturned':
      return { look: 'returned', title: 'Came back', detail: sentence(after.text('Cause')) }
    case 'LeaderElected':
      return after.text('Leader').toLowerCase() === nodeName.toLowerCase()
        ? { look: 'led', title: `Took the lead, term ${after.text('Term')}`, detail: sentence(after.text('Cause')) }
        : { look: 'unled', title: `Lost the lead to ${after.text('Leader')}`, detail: sentence(after.text('Cause')) }
    case 'LeaderReleased':
      return { look: 'unled', title: 'Gave up the lead', detail: releaseCause(after.text('Cause')) }
    case 'NodeDrainStarted':
      return { look: 'draining', title: 'Drain started', detail: drainWishes(after) }
    case 'NodeDrained':
      return { look: 'drained', title: 'Drained', detail: 'Nothing runs on it any more.' }
    case 'NodeDrainEnded':
      return { look: 'undrained', title: 'Drain ended', detail: 'It takes tasks again.' }
    case 'NodeLost':
      return before.is('Lost')
        ? { look: 'lost', title: 'Death confirmed', detail: sentence(after.text('Cause')) }
        : { look: 'lost', title: 'Lost', detail: sentence(after.text('Cause')) }
    case 'NodeStopped':
      return { look: 'stopped', title: 'Stopped in order', detail: '' }
    case 'Deleted':
      return { look: 'deleted', title: 'Deleted', detail: '' }
    case 'Modified':
      return changed(event, before, after)
    default:
      return { look: 'changed', title: event.CategoryName, detail: event.Message }
  }
}

function changed(event: AuditEvent, before: Facts, after: Facts): Told {
  const [from, to] = [before.text('MaxConcurrentTasks'), after.text('MaxConcurrentTasks')]
  if (to !== '' && from !== to) return { look: 'cap', title: `Task cap ${from} → ${to}`, detail: '' }
  if (after.is('IsInMaintenanceMode')) return { look: 'draining', title: 'Drain changed', detail: drainWishes(after) }
  return { look: 'changed', title: event.CategoryName, detail: event.Message }
}

function drainWishes(after: Facts): string {
  return joined([
    sentence(after.text('DrainReason')),
    after.text('DrainDeadline') &&
      (after.is('CancelAtDeadline') ? 'With a deadline, at which tasks are cancelled.' : 'With a deadline.'),
    after.is('Retire') ? 'It leaves the cluster then.' : '',
  ])
}

const RELEASE_CAUSES: Readonly<Record<string, string>> = {
  drained: 'It was drained.',
  stopped: 'It was stopped.',
  'stepped down': 'It stepped down.',
  died: 'It died.',
  deleted: 'It was deleted.',
}

function releaseCause(cause: string): string {
  return RELEASE_CAUSES[cause] ?? sentence(cause)
}

function joined(sentences: readonly string[]): string {
  return sentences.filter((one) => one !== '').join(' ')
}

/** With a capital and a full stop, unless it begins with a node's name. */
export function sentence(text: string): string {
  const bare = text.trim().replace(/\.+$/, '')
  if (bare === '') return ''
  const startsWithWord = /^[a-z]+( |$)/.test(bare)
  return `${startsWithWord ? bare.charAt(0).toUpperCase() + bare.slice(1) : bare}.`
}

interface Facts {
  text(name: string): string
  is(name: string): boolean
}

function factsOf(document: Readonly<Record<string, unknown>> | null): Facts {
  const fieldOf = (name: string) => document?.[name]
  return {
    text(name) {
      const value = fieldOf(name)
      return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    },
    is: (name) => fieldOf(name) === true,
  }
}
