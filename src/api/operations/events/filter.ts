import { z } from 'zod'
import { nodeId, nodeNameOf } from '../../../cluster/incarnation.ts'
import { Refusal } from '../../../lib/errors.ts'
import { commaList, isoDate } from '../../fields.ts'
import { numberOfId } from '../../ids.ts'
import { DOCUMENT_TYPES, EVENT_AGENTS, EVENT_CATEGORIES, eventGroups, SYSTEM_AGENT } from './catalogue.ts'
import type { EventFilter } from './queries.ts'

/** The query parameters by which a list of events is narrowed. */
export const eventFilterFields = {
  ids: commaList(),
  regarding: commaList(),
  regardingAny: commaList(),
  user: commaList(),
  users: commaList(),
  eventCategories: commaList(),
  eventGroups: commaList(),
  eventAgents: commaList(),
  documentTypes: commaList(),
  from: isoDate().optional(),
  to: isoDate().optional(),
  fromAutoId: z.int().min(0).optional(),
  toAutoId: z.int().min(0).optional(),
}

type Fields = z.output<z.ZodObject<typeof eventFilterFields>>

/** Reads the filter, in which categories, groups, agents and document types must be ones there are; unknown ids match nothing. */
export function readEventFilter(fields: Fields): EventFilter {
  const users = [...(fields.user ?? []), ...(fields.users ?? [])]
  const groups = fields.eventGroups && pick('event group', fields.eventGroups, eventGroups(), (group) => group.id)
  const named =
    fields.eventCategories && pick('event category', fields.eventCategories, Object.keys(EVENT_CATEGORIES), String)
  const ofGroups = groups?.flatMap((group) => group.categories as string[])
  return {
    ids: fields.ids?.flatMap((id) => numberOfId('Events', id) ?? []),
    regarding: fields.regarding?.map(canonicalId),
    regardingAny: fields.regardingAny?.map(canonicalId),
    ...(users.length > 0 && {
      userIds: users.flatMap((user) => numberOfId('Users', user) ?? []),
      usernames: users.map((user) => (user.toLowerCase() === 'users-system' ? 'system' : user.toLowerCase())),
    }),
    categories: named && ofGroups ? named.filter((category) => ofGroups.includes(category)) : (named ?? ofGroups),
    documentTypes:
      fields.documentTypes && pick('document type', fields.documentTypes, Object.keys(DOCUMENT_TYPES), String),
    agents:
      fields.eventAgents &&
      pick('event agent', fields.eventAgents, [...EVENT_AGENTS, SYSTEM_AGENT], (agent) => agent.id).map((agent) =>
        'prefix' in agent ? agent.prefix : '',
      ),
    from: fields.from,
    to: fields.to,
    fromId: fields.fromAutoId,
    toId: fields.toAutoId,
  }
}

/** Those of `known` that are asked for, whatever their letter case; refuses with the list of what there is. */
function pick<T>(what: string, asked: readonly string[], known: readonly T[], idOf: (one: T) => string): T[] {
  return asked.map((text) => {
    const found = known.find((one) => idOf(one).toLowerCase() === text.toLowerCase())
    if (found !== undefined) return found
    throw new Refusal(
      'BadRequest',
      `There is no ${what} ${JSON.stringify(text.slice(0, 60))}. There are: ${known.map(idOf).join(', ')}.`,
    )
  })
}

/** An id as the trail has it: its first part in our spelling, a node's name in lower case. */
function canonicalId(id: string): string {
  const dash = id.indexOf('-')
  const type = Object.keys(DOCUMENT_TYPES).find((known) => known.toLowerCase() === id.slice(0, dash).toLowerCase())
  if (type === undefined) return id
  return type === 'OctopusServerNodes' ? nodeId(nodeNameOf(id)) : `${type}${id.slice(dash)}`
}
