import { expect, test } from 'vitest'
import type { AuditEvent } from '../../api/wire.ts'
import { sentence, timeLineEntry } from './time-line-entry.ts'

type Document = Record<string, unknown> | null

/** The event as the wire has it, of which the time line reads some. */
function event(category: string, before: Document, after: Document, user = 'system'): AuditEvent {
  return {
    Id: 'Events-1',
    Category: category,
    CategoryName: `Name of ${category}`,
    UserId: user === 'system' ? 'users-system' : 'Users-1',
    Username: user,
    IsService: false,
    IdentityEstablishedWith: '',
    UserAgent: '',
    Occurred: '2026-01-01T00:00:00.000+00:00',
    Message: 'The message.',
    MessageHtml: 'The message.',
    MessageReferences: [],
    RelatedDocumentIds: [],
    Comments: null,
    Details: null,
    ChangeDetails: { DocumentContext: null, Differences: [], Before: before, After: after },
    IpAddress: null,
    NodeName: null,
    SpaceId: null,
    Links: { Self: '' },
  }
}

test.each<[string, Document, Document, string, string, string]>([
  ['NodeRegistered', {}, { Cause: 'first start', Version: '1.2' }, 'joined', 'Joined the cluster', 'Version 1.2.'],
  [
    'NodeRegistered',
    {},
    { Cause: 'start after an orderly stop', Version: '1.2', IsInMaintenanceMode: true },
    'joined',
    'Started',
    'Start after an orderly stop. Version 1.2. In drain mode.',
  ],
  ['NodeReturned', {}, { Cause: 'return after x' }, 'returned', 'Came back', 'Return after x.'],
  [
    'LeaderElected',
    { Leader: null },
    { Leader: 'NODE-A', Term: 5, Cause: 'first node' },
    'led',
    'Took the lead, term 5',
    'First node.',
  ],
  [
    'LeaderElected',
    { Leader: 'node-a' },
    { Leader: 'node-b', Term: 6, Cause: 'node-a died' },
    'unled',
    'Lost the lead to node-b',
    'node-a died.',
  ],
  ['LeaderReleased', {}, { Leader: null, Cause: 'stepped down' }, 'unled', 'Gave up the lead', 'It stepped down.'],
  [
    'NodeDrainStarted',
    {},
    { IsInMaintenanceMode: true, DrainReason: 'new kernel', DrainDeadline: '2026-01-01', CancelAtDeadline: true },
    'draining',
    'Drain started',
    'New kernel. With a deadline, at which tasks are cancelled.',
  ],
  ['NodeDrained', null, {}, 'drained', 'Drained', 'Nothing runs on it any more.'],
  ['NodeDrainEnded', {}, {}, 'undrained', 'Drain ended', 'It takes tasks again.'],
  ['Modified', { MaxConcurrentTasks: 5 }, { MaxConcurrentTasks: 0 }, 'cap', 'Task cap 5 → 0', ''],
  [
    'Modified',
    { MaxConcurrentTasks: 5 },
    { MaxConcurrentTasks: 5, IsInMaintenanceMode: true, DrainReason: 'longer' },
    'draining',
    'Drain changed',
    'Longer.',
  ],
  [
    'NodeLost',
    { Lost: false },
    { Lost: true, Cause: 'No heartbeat for 5 s.' },
    'lost',
    'Lost',
    'No heartbeat for 5 s.',
  ],
  ['NodeLost', { Lost: true }, { Lost: true, Cause: 'it is gone' }, 'lost', 'Death confirmed', 'It is gone.'],
  ['NodeStopped', null, null, 'stopped', 'Stopped in order', ''],
  ['Deleted', {}, null, 'deleted', 'Deleted', ''],
  ['SomethingNew', null, null, 'changed', 'Name of SomethingNew', 'The message.'],
])('%s %j -> %j', (category, before, after, look, title, detail) => {
  expect(timeLineEntry(event(category, before, after), 'node-a')).toMatchObject({ look, title, detail, by: undefined })
})

test('who did it is told, unless it was the system', () => {
  expect(timeLineEntry(event('NodeDrainEnded', {}, {}, 'ada'), 'node-a').by).toBe('ada')
})

test.each([
  ['', ''],
  ['it died', 'It died.'],
  ['it died.', 'It died.'],
  ['node-b died', 'node-b died.'],
  ['10 s of silence', '10 s of silence.'],
])('%j as a sentence is %j', (text, expected) => {
  expect(sentence(text)).toBe(expected)
})
