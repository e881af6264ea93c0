import { z } from 'zod'
import { notFound } from '../../ids.ts'
import { operation } from '../../operation.ts'

/** The requests that clients ask about by name before they make them. */
const CAPABILITIES = ['GetAllSpacesRequest']

/** `GET /api/capabilities`. */
export const listCapabilities = operation({
  method: 'GET',
  path: '/capabilities',
  scope: 'server',
  permission: 'authenticated',
  summary: 'The requests that this server knows, by the names clients ask for',
  answers: { 200: '`{ Capabilities: [name] }`.' },
  handle: async () => ({ Capabilities: CAPABILITIES }),
})

/** `GET /api/capabilities/{name}`. */
export const getCapability = operation({
  method: 'GET',
  path: '/capabilities/{name}',
  scope: 'server',
  permission: 'authenticated',
  summary: 'Whether this server knows a request',
  params: z.object({ name: z.string() }),
  answers: { 200: '`{ Exists: true }`.', 404: 'It does not.' },
  handle: async ({ params }) => {
    if (!CAPABILITIES.some((name) => name.toLowerCase() === params.name.toLowerCase()))
      throw notFound('capability', params.name)
    return { Exists: true }
  },
})
