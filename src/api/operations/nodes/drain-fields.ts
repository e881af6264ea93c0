import { z } from 'zod'
import type { Moment as DrainMoment, DrainWish } from '../../../cluster/drain-wish.ts'
import { lineOfText, type Moment, moment } from '../../fields.ts'

/** What a drain may be asked for with. For a drain that is on, what is absent stays as it is and null takes it away. */
export const drainFields = {
  Reason: lineOfText(500).nullish().meta({ description: 'Why, in one line of at most 500 characters.' }),
  Deadline: moment().nullish().meta({ description: 'When the drain should be over: a date, or a duration from now.' }),
  CancelAtDeadline: z.boolean().optional().meta({ description: 'Tasks that still run at the deadline are cancelled.' }),
  ConfirmLastNode: z
    .boolean()
    .optional()
    .meta({ description: 'Drain it although no other node would answer its ping with 200.' }),
}

export const undrainAtField = moment()
  .nullish()
  .meta({ description: 'When the node is undrained by itself: a date, or a duration from now.' })

/** The fields in the words of the cluster. */
export function drainWish(body: {
  Reason?: string | null | undefined
  Deadline?: Moment | null | undefined
  CancelAtDeadline?: boolean | undefined
  UndrainAt?: Moment | null | undefined
  ConfirmLastNode?: boolean | undefined
}): DrainWish {
  return {
    ...(body.Reason === undefined ? {} : { reason: body.Reason }),
    ...(body.Deadline === undefined ? {} : { deadline: toDrainMoment(body.Deadline) }),
    ...(body.CancelAtDeadline === undefined ? {} : { cancelAtDeadline: body.CancelAtDeadline }),
    ...(body.UndrainAt === undefined ? {} : { undrainAt: toDrainMoment(body.UndrainAt) }),
    ...(body.ConfirmLastNode === undefined ? {} : { confirmLastNode: body.ConfirmLastNode }),
  }
}

function toDrainMoment(moment: Moment | null): DrainMoment | null {
  if (moment === null) return null
  return 'at' in moment ? moment.at : { inMs: moment.afterMs }
}
