import { Refusal } from '../lib/errors.ts'
import { checkReason } from './reason.ts'

/** A moment: a date, or so many milliseconds from now by the database's clock. */
export type Moment = Date | { inMs: number }

/** What a drain is asked for with. For a drain that is on, what is absent stays as it is, and null takes it away. */
export interface DrainWish {
  reason?: string | null
  /** When the drain should be over. */
  deadline?: Moment | null
  /** Attempts that still run at the deadline are cancelled. */
  cancelAtDeadline?: boolean
  /** When the node is undrained by itself. */
  undrainAt?: Moment | null
  /** Drain it although no other node would answer its ping with 200. */
  confirmLastNode?: boolean
}

/** The options of a drain as its node's row has them. */
export interface DrainOptions {
  reason: string | null
  deadline: Date | null
  cancelAtDeadline: boolean
  undrainAt: Date | null
}

export const NO_OPTIONS: DrainOptions = { reason: null, deadline: null, cancelAtDeadline: false, undrainAt: null }

/** The options a drain has with this wish. Refuses, with a 400, what cannot be kept. */
export function drainOptions(wish: DrainWish, before: DrainOptions, now: Date): DrainOptions {
  const options: DrainOptions = {
    reason: wish.reason === undefined ? before.reason : (checkReason(wish.reason) ?? null),
    deadline: momentOr(wish.deadline, before.deadline, now, 'deadline'),
    cancelAtDeadline: wish.cancelAtDeadline ?? before.cancelAtDeadline,
    undrainAt: momentOr(wish.undrainAt, before.undrainAt, now, 'time of the automatic undrain'),
  }
  if (options.cancelAtDeadline && options.deadline === null) {
    if (wish.cancelAtDeadline) {
      throw new Refusal(
        'BadRequest',
        'Tasks can only be cancelled at the deadline of a drain that has one: give a deadline as well.',
      )
    }
    return { ...options, cancelAtDeadline: false }
  }
  return options
}

function momentOr(moment: Moment | null | undefined, before: Date | null, now: Date, what: string): Date | null {
  if (moment === undefined) return before
  if (moment === null) return null
  const date = moment instanceof Date ? moment : new Date(now.getTime() + moment.inMs)
  if (Number.isNaN(date.getTime())) throw new Refusal('BadRequest', `The ${what} is no date.`)
  if (date <= now) {
    throw new Refusal(
      'BadRequest',
      `The ${what} (${date.toISOString()}) is not in the future: the database's clock says ${now.toISOString()}.`,
    )
  }
  return date
}
