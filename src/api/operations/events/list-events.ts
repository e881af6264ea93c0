import { z } from 'zod'
import { paging } from '../../fields.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { eventView } from '../../views/event-view.ts'
import { eventFilterFields, readEventFilter } from './filter.ts'
import { countEvents, listEvents } from './queries.ts'

/** `GET /api/events`. */
export const getEvents = operation({
  method: 'GET',
  path: '/events',
  scope: 'mixed',
  permission: 'EventView',
  summary: 'The audit trail, newest first',
  query: z.object({ ...paging, ...eventFilterFields, excludeDifference: z.boolean().optional() }),
  answers: { 200: 'A collection of events.', 400: 'A filter names what does not exist.' },
  handle: async ({ query, context, request }) => {
    const filter = readEventFilter(query)
    const [rows, total] = await Promise.all([
      listEvents(context.sql, filter, query.skip, query.take),
      countEvents(context.sql, filter),
    ])
    return collection({
      itemType: 'Event',
      items: rows.map((row) => eventView(row, { withDifferences: !query.excludeDifference })),
      total,
      skip: query.skip,
      take: query.take,
      path: '/api/events',
      query: request.query as Record<string, unknown>,
    })
  },
})

/** `GET /api/events/{id}`. */
export const getEvent = operation({
  method: 'GET',
  path: '/events/{id}',
  scope: 'mixed',
  permission: 'EventView',
  summary: 'One entry of the audit trail',
  params: z.object({ id: z.string() }),
  answers: { 200: 'The event.', 404: 'There is none of that id.' },
  handle: async ({ params, context }) => {
    const id = numberOfId('Events', params.id)
    const [row] = id === undefined ? [] : await listEvents(context.sql, { ids: [id] }, 0, 1)
    if (!row) throw notFound('event', params.id)
    return eventView(row)
  },
})
