import { z } from 'zod'
import type { Sql } from '../../../database/connect.ts'
import { requirePermission } from '../../../identity/current-user.ts'
import { Refusal } from '../../../lib/errors.ts'
import { only } from '../../../lib/must.ts'
import { enqueueTask } from '../../../tasks/enqueue.ts'
import type { Kind, KindRegistry } from '../../../tasks/kind.ts'
import { duration, isoDate, lineOfText, type Moment, moment } from '../../fields.ts'
import { idempotencyKey } from '../../idempotency.ts'
import { operation } from '../../operation.ts'
import { DEFAULT_SPACE, spaceOfIdentifier } from '../../spaces.ts'
import { viewTask } from './view-tasks.ts'

/** `POST /api/tasks`. */
export const postTask = operation({
  method: 'POST',
  path: '/tasks',
  scope: 'mixed',
  permission: 'TaskCreate',
  summary: 'Queues a task',
  description:
    'A task of a kind that belongs to a space goes into the default one unless told otherwise. A `QueueTime` that has passed means now.',
  body: z.object({
    Name: lineOfText(200, 1).meta({ description: 'The kind of task, as /api/tasks/tasktypes lists them.' }),
    Description: lineOfText(2000).optional(),
    Arguments: z.record(z.string(), z.unknown()).optional(),
    SpaceId: z.string().optional(),
    QueueTime: isoDate().optional().meta({ description: 'Not before this moment.' }),
    QueueTimeExpiry: moment().optional().meta({
      description: 'How long it may wait before it ends TimedOut: a date, or a duration from its queue time.',
    }),
    TimeLimit: duration().optional().meta({ description: 'How long an attempt may run.' }),
    Priority: z.int().min(-100).max(100).optional().meta({ description: 'Higher goes first; 0 by default.' }),
  }),
  answers: { 201: 'The task.', 400: 'There is no such kind, or its arguments do not fit.' },
  handle: async ({ body, space, user, actor, context, request }) => {
    const kind = creatableKind(context.kinds, body.Name)
    requirePermission(user, kind.createPermission)
    const key = idempotencyKey(request)
    const id = await enqueueTask(context.sql, context.kinds, context.timings, {
      kind: kind.name,
      arguments: kind.parse(body.Arguments ?? {}),
      ...(body.Description ? { description: body.Description } : {}),
      space: kind.scope === 'system' ? null : spaceOf(space, body.SpaceId),
      ...(await timesOf(context.sql, body.QueueTime, body.QueueTimeExpiry)),
      ...(body.TimeLimit === undefined ? {} : { timeLimitMs: positive('TimeLimit', body.TimeLimit) }),
      ...(body.Priority === undefined ? {} : { priority: body.Priority }),
      createdBy: actor.username,
      ...(key === undefined ? {} : { idempotency: { userId: user.id, key } }),
    })
    return viewTask(context, id)
  },
})

type CreatableKind = Kind & { createPermission: NonNullable<Kind['createPermission']> }

function creatableKind(kinds: KindRegistry, name: string): CreatableKind {
  const kind = kinds.find(name)
  if (kind && isCreatable(kind)) return kind
  const known = kinds
    .all()
    .filter(isCreatable)
    .map((one) => one.name)
    .join(', ')
  const fault = kind
    ? `Tasks of the kind ${kind.name} are only created by the system.`
    : `There is no kind of task named ${JSON.stringify(name.slice(0, 100))}.`
  throw new Refusal('BadRequest', `${fault} You can create: ${known}.`)
}

function isCreatable(kind: Kind): kind is CreatableKind {
  return kind.createPermission !== undefined
}

function spaceOf(pathSpace: string | undefined, bodySpace: string | undefined): string {
  if (bodySpace === undefined || bodySpace === '') return pathSpace ?? DEFAULT_SPACE
  try {
    return spaceOfIdentifier(bodySpace)
  } catch (error) {
    throw error instanceof Refusal ? new Refusal('BadRequest', error.message, { cause: error }) : error
  }
}

/** Queue time and expiry by the database's clock. The expiry counts from the queue time, or from now when that has passed. */
async function timesOf(
  sql: Sql,
  queueTime: Date | undefined,
  expiry: Moment | undefined,
): Promise<{ queueTime?: Date; expiryMs?: number }> {
  if (queueTime === undefined && expiry === undefined) return {}
  const { now } = only(await sql<{ now: Date }[]>`select clock_timestamp() as now`)
  const start = queueTime !== undefined && queueTime > now ? queueTime : now
  const expiryMs = expiry && ('at' in expiry ? expiry.at.getTime() - start.getTime() : expiry.afterMs)
  return {
    ...(start === queueTime ? { queueTime } : {}),
    ...(expiryMs === undefined ? {} : { expiryMs: positive('QueueTimeExpiry', expiryMs) }),
  }
}

function positive(field: string, ms: number): number {
  if (ms > 0) return ms
  throw new Refusal(
    'BadRequest',
    `${field} must leave the task some time: a duration above 0, or a date after its queue time.`,
  )
}
