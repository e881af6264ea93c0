import type { Transaction } from '../database/connect.ts'
import { only } from '../lib/must.ts'
import type { ProcessPlace } from './machine.ts'
import type { NodeWish } from './register.ts'

/** What a registration writes. */
export interface RegistrationFacts {
  wish: NodeWish
  place: ProcessPlace
  incarnation: string
  presenceKey: string
}

/** The node's own settings, as they are after the registration. */
export interface RegisteredRow {
  task_cap: number
  drain: boolean
  drain_reason: string | null
}

/** The first row of a name: with the settings the process last knew, when it comes back after its row was removed. */
export async function insertNode(tx: Transaction, facts: RegistrationFacts): Promise<RegisteredRow | undefined> {
  const { wish, place, incarnation } = facts
  const self = wish.former?.self
  const taskCap = self?.taskCap ?? wish.taskCap
  const drain = self ? self.drain : wish.drained ? JOINED_DRAINED : undefined
  const rows = await tx<RegisteredRow[]>`
    insert into node (name, incarnation, claim_session, url, version, machine, boot, pid, process_start, started_at, task_cap,
                      drain, drain_number, drain_reason, drain_by, drain_at, drain_deadline, drain_cancel, undrain_at, retire, modified_by)
    values (${wish.name}, ${incarnation}, 1, ${wish.url}, ${wish.version}, ${place.machine}, ${place.boot}, ${place.pid}, ${place.processStart},
            clock_timestamp(), ${taskCap}, ${drain !== undefined}, ${self?.drainNumber ?? (drain ? 1 : 0)}, ${drain?.reason ?? null}, ${drain?.by ?? null},
            coalesce(${drain?.since ?? null}, case when ${drain !== undefined} then clock_timestamp() end), ${drain?.deadline ?? null},
            ${drain?.cancelAtDeadline ?? false}, ${drain?.undrainAt ?? null}, ${drain?.retire ?? false}, 'system')
    on conflict (name) do nothing
    returning task_cap, drain, drain_reason`
  return rows[0]
}

const JOINED_DRAINED = {
  reason: 'joined drained',
  by: 'system',
  since: undefined,
  deadline: undefined,
  cancelAtDeadline: false,
  undrainAt: undefined,
  retire: false,
}

/**
 * A known name gets a new incarnation and keeps its settings, a tombstone's included. The claim session is raised, so that
 * a claim of the old incarnation that is still on its way is turned away. Nothing when the name has changed hands.
 */
export async function takeOverNode(
  tx: Transaction,
  { wish, place, incarnation }: RegistrationFacts,
  replaced: string | null,
  keepsRetiring: boolean,
): Promise<RegisteredRow | undefined> {
  const rows = await tx<RegisteredRow[]>`
    update node
    set incarnation = ${incarnation}, lost = false, claim_session = claim_session + 1, url = ${wish.url}, version = ${wish.version},
        machine = ${place.machine}, boot = ${place.boot}, pid = ${place.pid}, process_start = ${place.processStart},
        started_at = clock_timestamp(), retire = retire and ${keepsRetiring}, deleted_at = null
    where name = ${wish.name} and incarnation is not distinct from ${replaced}::uuid
    returning task_cap, drain, drain_reason`
  return rows[0]
}

/** The row its heart will beat on. */
export async function insertBeat(
  tx: Transaction,
  { wish, incarnation, presenceKey }: RegistrationFacts,
): Promise<void> {
  only(
    await tx`
      insert into node_beat (incarnation, node, presence_key) values (${incarnation}, ${wish.name}, ${presenceKey}) returning 1`,
  )
}
