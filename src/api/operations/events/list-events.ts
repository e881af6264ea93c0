import { z } from 'zod'
import { MOST_ITEMS, paging } from '../../fields.ts'
import { notFound, numberOfId } from '../../ids.ts'
import { operation } from '../../operation.ts'
import { collection } from '../../paging.ts'
import { eventView } from '../../views/event-view.ts'
import { exportEvents, exportFileName, MOST_EXPORTED } from './export-events.ts'
import { eventFilterFields, readEventFilter } from './filter.ts'
import { countEvents, listEvents } from './queries.ts'

/** A page holds so many events when nobody says how many. */
const PAGE = 30

/** `GET /api/events`, with `asCsv` as a file. */
export const getEvents = operation({
  method: 'GET',
  path: '/events',
  scope: 'mixed',
  permission: 'EventView',
  summary: 'The audit trail, newest first',
  description: `With \`asCsv\` the answer is a CSV file (UTF-8) of all that the filters leave, or of the newest ${MOST_EXPORTED} of it.`,
  query: z.object({
    skip: paging.skip,
    take: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .optional()
      .meta({ description: `How many at most: ${PAGE} unless told, as CSV all; never more than ${MOST_ITEMS}.` }),
    ...eventFilterFields,
    excludeDifference: z.boolean().optional().meta({ description: 'Leaves out what was before and after.' }),
    asCsv: z.boolean().optional().meta({ description: 'A CSV file in place of JSON.' }),
  }),
  answers: { 200: 'A collection of events, or a CSV file.', 400: 'A filter names what does not exist.' },
  handle: async ({ query, context, request, reply }) => {
    const filter = readEventFilter(query)
    const withDifferences = !query.excludeDifference
    if (query.asCsv) {
      const wish = { skip: query.skip, take: Math.min(query.take ?? MOST_EXPORTED, MOST_EXPORTED), withDifferences }
      const file = await exportEvents(context.sql, filter, wish)
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="${exportFileName(new Date())}"`)
        .send(file)
    }
    const take = Math.min(query.take ?? PAGE, MOST_ITEMS)
    const [rows, total] = await Promise.all([
      listEvents(context.sql, filter, query.skip, take),
      countEvents(context.sql, filter),
    ])
    return collection({
      itemType: 'Event',
      items: rows.map((row) => eventView(row, { withDifferences })),
      total,
      skip: query.skip,
      take,
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
