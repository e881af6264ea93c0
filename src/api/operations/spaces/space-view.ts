import type { Sql } from '../../../database/connect.ts'
import { only } from '../../../lib/must.ts'
import { DEFAULT_SPACE, DEFAULT_SPACE_NAME } from '../../spaces.ts'

/** The one space as the wire has it. */
export async function readSpace(sql: Sql) {
  const { paused } = only(await sql<{ paused: boolean }[]>`select paused from cluster`)
  return {
    Id: DEFAULT_SPACE,
    Name: DEFAULT_SPACE_NAME,
    Slug: DEFAULT_SPACE_NAME.toLowerCase(),
    Description: '',
    IsDefault: true,
    IsPrivate: false,
    TaskQueueStopped: paused,
    SpaceManagersTeams: [],
    SpaceManagersTeamMembers: [],
    Links: { Self: `/api/spaces/${DEFAULT_SPACE}`, SpaceHome: `/api/${DEFAULT_SPACE}`, Web: `/app#/${DEFAULT_SPACE}` },
  }
}
