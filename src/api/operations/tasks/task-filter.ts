import { z } from 'zod'
import { nodeNameOf } from '../../../cluster/incarnation.ts'
import { Refusal } from '../../../lib/errors.ts'
import type { TaskState } from '../../../tasks/kind.ts'
import type { TaskFilter } from '../../../tasks/queries.ts'
import { TASK_STATES } from '../../../tasks/task-row.ts'
import { commaList, isoDate } from '../../fields.ts'
import { numberOfId } from '../../ids.ts'
import { spaceOfIdentifier } from '../../spaces.ts'

/** The query parameters by which a list of tasks is narrowed. */
export const taskFilterFields = {
  ids: commaList(),
  name: commaList(),
  partialName: z.string().optional(),
  description: z.string().optional(),
  states: commaList(),
  node: z.string().optional().meta({ description: 'The id or name of a node.' }),
  running: z.boolean().optional().meta({ description: 'Executing or Cancelling, or else not.' }),
  active: z.boolean().optional().meta({ description: 'Not ended, or else ended.' }),
  hasWarningsOrErrors: z.boolean().optional(),
  hasPendingInterruptions: z.boolean().optional(),
  hasPendingPreconditions: z.boolean().optional(),
  spaces: commaList(),
  includeSystem: z.boolean().optional(),
  project: commaList(),
  environment: commaList(),
  tenant: commaList(),
  tenantTag: commaList(),
  runbook: commaList(),
  fromQueueDate: isoDate().optional(),
  toQueueDate: isoDate().optional(),
  fromStartDate: isoDate().optional(),
  toStartDate: isoDate().optional(),
  fromCompletedDate: isoDate().optional(),
  toCompletedDate: isoDate().optional(),
}

type Fields = z.output<z.ZodObject<typeof taskFilterFields>>

/** States that clients ask for and no task of ours is ever in. */
const STATES_BEFORE_THE_QUEUE = ['new', 'pending']

/**
 * Reads the filter; undefined when no task can fit, such as tasks of a project. `space` is the one the path names, and then
 * only its tasks are seen.
 */
export function readTaskFilter(fields: Fields, space: string | undefined): TaskFilter | undefined {
  const { project, environment, tenant, tenantTag, runbook } = fields
  if (project ?? environment ?? tenant ?? tenantTag ?? runbook) return undefined
  if (fields.hasPendingInterruptions || fields.hasPendingPreconditions) return undefined
  const filter: { -readonly [Name in keyof TaskFilter]: TaskFilter[Name] | undefined } = {
    ids: fields.ids?.flatMap((id) => numberOfId('ServerTasks', id) ?? []),
    kinds: fields.name,
    partialKind: fields.partialName,
    description: fields.description,
    states: fields.states && readStates(fields.states),
    node: fields.node === undefined ? undefined : nodeNameOf(fields.node),
    running: fields.running,
    active: fields.active,
    hasWarningsOrErrors: fields.hasWarningsOrErrors,
    ...readSpaces(fields, space),
    queuedFrom: fields.fromQueueDate,
    queuedTo: fields.toQueueDate,
    startedFrom: fields.fromStartDate,
    startedTo: fields.toStartDate,
    completedFrom: fields.fromCompletedDate,
    completedTo: fields.toCompletedDate,
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

function readStates(asked: readonly string[]): TaskState[] {
  return asked.flatMap((text) => {
    const state = TASK_STATES.find((known) => known.toLowerCase() === text.toLowerCase())
    if (state !== undefined) return [state]
    if (STATES_BEFORE_THE_QUEUE.includes(text.toLowerCase())) return []
    throw new Refusal(
      'BadRequest',
      `There is no task state ${JSON.stringify(text.slice(0, 60))}. There are: ${TASK_STATES.join(', ')}.`,
    )
  })
}

/** Without a space in the path and in the query: every space, and the tasks of the system. */
function readSpaces(
  { spaces, includeSystem }: Fields,
  space: string | undefined,
): Pick<TaskFilter, 'spaces' | 'includeSystem'> {
  if (space !== undefined) return { spaces: [space], includeSystem: false }
  if (!spaces || spaces.some((one) => one.toLowerCase() === 'all')) return { includeSystem: includeSystem ?? !spaces }
  return { spaces: spaces.map(spaceOfIdentifier), includeSystem: includeSystem ?? false }
}
