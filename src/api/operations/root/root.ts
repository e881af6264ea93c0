import { z } from 'zod'
import { type Operation, operation } from '../../operation.ts'
import { DEFAULT_SPACE, SPACE_ID_SEGMENT } from '../../spaces.ts'
import { serverLinks, spaceLinks } from './links.ts'

/** What clients check before they ask for anything newer; not Tako's own version, which no stranger is told. */
const WIRE_VERSION = '2025.4.10000'
const WIRE_API_VERSION = '3.0.0'

/** `GET /api`: what this is and where everything else is found. */
export function root(operations: readonly Operation[]): Operation {
  const links = serverLinks(operations)
  return operation({
    method: 'GET',
    path: '/',
    scope: 'server',
    permission: 'anonymous',
    summary: 'What this server is, and links to everything',
    tag: 'root',
    answers: { 200: 'The root document.' },
    handle: async ({ context }) => ({
      Application: 'Octopus Deploy',
      Product: 'Tako',
      Version: WIRE_VERSION,
      ApiVersion: WIRE_API_VERSION,
      InstallationId: context.installationId,
      IsEarlyAccessProgram: false,
      HasLongTermSupport: true,
      Links: links,
    }),
  })
}

/** `GET /api/Spaces-1`: where everything of a space is found. */
export function spaceHome(operations: readonly Operation[]): Operation {
  const links = spaceLinks(operations, DEFAULT_SPACE)
  return operation({
    method: 'GET',
    path: `/${SPACE_ID_SEGMENT}`,
    scope: 'server',
    permission: 'authenticated',
    summary: 'Links to everything in a space',
    tag: 'root',
    params: z.object({ space: z.string() }),
    answers: { 200: 'Links only.', 404: 'There is no such space.' },
    handle: async ({ space }) => ({ Id: space, Links: links }),
  })
}
