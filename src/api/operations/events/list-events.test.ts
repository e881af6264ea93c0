import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiClient } from '../../../../test/support/api-client.ts'
import { createTestUser, startTestApi, type TestApi } from '../../../../test/support/api-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts'
import { systemActor } from '../../../identity/actor.ts'
import { recordEvent } from '../../../identity/audit.ts'
import { getEventAgents, getEventCategories, getEventDocumentTypes, getEventGroups } from './event-lists.ts'
import { getEvent, getEvents } from './list-events.ts'

let database: TestDatabase
let api: TestApi
let client: ApiClient
let admin: { id: number; key: string }

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, {
    operations: [getEvents, getEvent, getEventCategories, getEventGroups, getEventAgents, getEventDocumentTypes],
  })
  admin = await createTestUser(database, 'administrator')
  client = new ApiClient(api.url, admin.key)
  const person = {
    userId: admin.id,
    username: 'administrator',
    establishedWith: 'session',
    address: '10.0.0.9',
    userAgent: 'Mozilla/5.0 (X11)',
    node: 'node-a',
  }
  await recordEvent(database.sql, {
    category: 'Modified',
    message: 'administrator changed the task cap of node-a from 5 to 2',
    actor: person,
    related: ['OctopusServerNodes-node-a'],
    before: { MaxConcurrentTasks: 5, IsInMaintenanceMode: false },
    after: { MaxConcurrentTasks: 2, IsInMaintenanceMode: false },
  })
  await recordEvent(database.sql, {
    category: 'LeaderElected',
    message: 'node-b leads',
    actor: systemActor('node-b'),
    related: ['OctopusServerNodes-node-b'],
  })
  await recordEvent(database.sql, {
    category: 'TaskCanceled',
    message: 'administrator canceled ServerTasks-12 on node-a',
    actor: { ...person, userAgent: 'tako-cli/0.1.0' },
    related: ['ServerTasks-12', 'OctopusServerNodes-node-a'],
  })
})

afterAll(async () => {
  await api.stop()
  await database.drop()
})

test('an event has the shape of the wire, with what was before and after', async () => {
  const page = await client.get('/api/events?eventCategories=modified')
  expect(page).toMatchObject({ ItemType: 'Event', TotalResults: 1, ItemsPerPage: 30 })
  expect(page.Items).toEqual([
    {
      Id: 'Events-1',
      Category: 'Modified',
      CategoryName: 'Modified',
      UserId: `Users-${admin.id}`,
      Username: 'administrator',
      IsService: false,
      IdentityEstablishedWith: 'session',
      UserAgent: 'Mozilla/5.0 (X11)',
      Occurred: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
      Message: 'administrator changed the task cap of node-a from 5 to 2',
      MessageHtml: 'administrator changed the task cap of node-a from 5 to 2',
      MessageReferences: [{ ReferencedDocumentId: 'OctopusServerNodes-node-a', StartIndex: 38, Length: 6 }],
      RelatedDocumentIds: ['OctopusServerNodes-node-a'],
      Comments: null,
      Details: null,
      ChangeDetails: {
        DocumentContext: { MaxConcurrentTasks: 2, IsInMaintenanceMode: false },
        Differences: [{ op: 'replace', path: '/MaxConcurrentTasks', from: 5, value: 2 }],
        Before: { MaxConcurrentTasks: 5, IsInMaintenanceMode: false },
        After: { MaxConcurrentTasks: 2, IsInMaintenanceMode: false },
      },
      IpAddress: '10.0.0.9',
      NodeName: 'node-a',
      SpaceId: null,
      Links: { Self: '/api/events/Events-1' },
    },
  ])
  expect(await client.get('/api/events/Events-1')).toEqual(page.Items[0])
  const [brief] = (await client.get('/api/events?eventCategories=modified&excludeDifference=true')).Items
  expect(brief.ChangeDetails).toEqual({ DocumentContext: null, Differences: [], Before: null, After: null })
})

test('events come newest first, page by page, with links that carry the filters', async () => {
  const first = await client.get('/api/Spaces-1/events?take=1&eventGroups=Nodes,Documents,Leadership')
  expect(first.Items.map((event: { Id: string }) => event.Id)).toEqual(['Events-2'])
  expect(first.TotalResults).toBe(2)
  const second = await client.get(first.Links['Page.Next'])
  expect(second.Items.map((event: { Id: string }) => event.Id)).toEqual(['Events-1'])
  expect(second.Links['Page.Next']).toBeUndefined()
})

test.each([
  ['regarding=octopusservernodes-NODE-A', [3, 1]],
  ['regarding=OctopusServerNodes-node-a,ServerTasks-12', [3]],
  ['regardingAny=OctopusServerNodes-node-b,ServerTasks-12', [3, 2]],
  ['user=users-system', [2]],
  ['users=ADMINISTRATOR', [3, 1]],
  ['users=Users-99', []],
  ['eventCategories=LeaderElected&eventCategories=TaskCanceled', [3, 2]],
  ['eventGroups=leadership', [2]],
  ['eventGroups=Tasks&eventCategories=LeaderElected', []],
  ['eventAgents=console', [1]],
  ['eventAgents=system,tako-cli', [3, 2]],
  ['documentTypes=ServerTasks', [3]],
  ['ids=Events-1,Events-3,nonsense', [3, 1]],
  ['fromAutoId=2', [3, 2]],
  ['toAutoId=1', [1]],
  ['from=2100-01-01', []],
  ['to=2100-01-01T00:00:00Z', [3, 2, 1]],
  ['spaces=all&includeSystem=true&internal=false', [3, 2, 1]],
])('filter %s', async (filter, ids) => {
  const page = await client.get(`/api/events?${filter}`)
  expect(page.Items.map((event: { Id: string }) => event.Id)).toEqual(ids.map((id) => `Events-${id}`))
  expect(page.TotalResults).toBe(ids.length)
})

test.each([
  ['from=yesterday', /date/],
  ['eventCategories=Exploded', /There is no event category "Exploded". There are: Created, Modified/],
  ['eventGroups=x', /There are: Documents, Nodes/],
  ['eventAgents=x', /console/],
  ['documentTypes=Machines', /OctopusServerNodes/],
  ['take=-1', /take/],
  ['skip=many', /skip/],
])('the filter %s is refused with a sentence', async (filter, sentence) => {
  const { status, body } = await client.request('GET', `/api/events?${filter}`)
  expect(status).toBe(400)
  expect(body.ErrorMessage).toMatch(sentence)
})

test('an unknown event is 404 without Errors', async () => {
  for (const id of ['Events-99', 'Events-', 'Users-1', 'x'.repeat(300)]) {
    const { status, body } = await client.request('GET', `/api/events/${id}`)
    expect(status).toBe(404)
    expect(body.Errors).toBeUndefined()
  }
})

test('the lists of categories, groups, agents and document types fit the filters', async () => {
  for (const [list, filter] of [
    ['categories', 'eventCategories'],
    ['groups', 'eventGroups'],
    ['agents', 'eventAgents'],
    ['documenttypes', 'documentTypes'],
  ]) {
    const entries = await client.get(`/api/events/${list}`)
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) {
      expect(entry).toMatchObject({ Id: expect.any(String), Name: expect.any(String) })
      expect(entry.Links.Events).toBe(`/api/events?${filter}=${entry.Id}`)
      expect((await client.request('GET', entry.Links.Events)).status).toBe(200)
    }
  }
})
