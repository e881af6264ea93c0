import { z } from 'zod'
import { Refusal } from '../../../lib/errors.ts'
import { operation } from '../../operation.ts'

const CONFIGURATION = {
  Id: 'maintenance',
  IsInMaintenanceMode: false,
  Links: { Self: '/api/maintenanceconfiguration' },
}

/** `GET /api/maintenanceconfiguration`: Tako stays writable, so this is always off. */
export const getMaintenanceConfiguration = operation({
  method: 'GET',
  path: '/maintenanceconfiguration',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Maintenance mode of the whole installation: always off',
  answers: { 200: 'The configuration.' },
  handle: async () => CONFIGURATION,
})

/** `PUT /api/maintenanceconfiguration`: writing back what was read is fine; turning it on names what there is instead. */
export const putMaintenanceConfiguration = operation({
  method: 'PUT',
  path: '/maintenanceconfiguration',
  scope: 'server',
  permission: 'AdministerSystem',
  summary: 'Accepts only that maintenance mode stays off',
  body: z.object({ IsInMaintenanceMode: z.boolean().optional() }),
  answers: { 200: 'The configuration.', 400: 'Tako has no such mode.' },
  handle: async ({ body }) => {
    if (!body.IsInMaintenanceMode) return CONFIGURATION
    throw new Refusal(
      'BadRequest',
      'Tako has no maintenance mode for the whole installation. To let nothing start, pause the queue (POST /api/queue/pause) or drain the nodes (POST /api/octopusservernodes/{id}/drain).',
    )
  },
})
