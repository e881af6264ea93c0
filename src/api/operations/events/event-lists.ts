import { operation } from '../../operation.ts'
import { DOCUMENT_TYPES, EVENT_AGENTS, EVENT_CATEGORIES, eventGroups, SYSTEM_AGENT } from './catalogue.ts'

const shared = { method: 'GET', scope: 'server', permission: 'EventView' } as const

/** `GET /api/events/categories`. */
export const getEventCategories = operation({
  ...shared,
  path: '/events/categories',
  summary: 'The categories of events',
  answers: { 200: 'An array of `{ Id, Name, Links }`.' },
  handle: async () =>
    Object.entries(EVENT_CATEGORIES).map(([id, { name }]) => ({
      Id: id,
      Name: name,
      Links: { Events: `/api/events?eventCategories=${id}` },
    })),
})

/** `GET /api/events/groups`. */
export const getEventGroups = operation({
  ...shared,
  path: '/events/groups',
  summary: 'The groups of events, each with its categories',
  answers: { 200: 'An array of `{ Id, Name, EventCategories, Links }`.' },
  handle: async () =>
    eventGroups().map(({ id, categories }) => ({
      Id: id,
      Name: id,
      EventCategories: categories,
      Links: { Events: `/api/events?eventGroups=${id}` },
    })),
})

/** `GET /api/events/agents`. */
export const getEventAgents = operation({
  ...shared,
  path: '/events/agents',
  summary: 'The programs from which changes come',
  answers: { 200: 'An array of `{ Id, Name, Links }`.' },
  handle: async () =>
    [...EVENT_AGENTS, SYSTEM_AGENT].map(({ id, name }) => ({
      Id: id,
      Name: name,
      Links: { Events: `/api/events?eventAgents=${id}` },
    })),
})

/** `GET /api/events/documenttypes`. */
export const getEventDocumentTypes = operation({
  ...shared,
  path: '/events/documenttypes',
  summary: 'The kinds of documents that events are about',
  answers: { 200: 'An array of `{ Id, Name, Links }`.' },
  handle: async () =>
    Object.entries(DOCUMENT_TYPES).map(([id, name]) => ({
      Id: id,
      Name: name,
      Links: { Events: `/api/events?documentTypes=${id}` },
    })),
})
