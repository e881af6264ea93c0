import type { Node } from '../../api/wire.ts'
import { agoText, durationText, shortDateText } from '../../parts/dates.ts'
import type { StateName } from '../../parts/states.ts'

/** How well a node is, in a word, with what it measured as the tooltip. */
export function fitnessOf(node: Node): { state: StateName; word: string; title: string } | undefined {
  if (node.IsOffline || node.Status === 'Starting') return undefined
  const count = troublesOf(node).length
  const title = node.Fitness ? measured(node.Fitness) : 'It has not measured itself yet.'
  if (count > 0) return { state: 'Warning', word: count === 1 ? '1 warning' : `${count} warnings`, title }
  return { state: 'Online', word: 'Good', title }
}

/** What is off with a node that is there, as sentences: not the drain that somebody asked for. */
export function troublesOf({ Warnings, Drain, IsOffline, Status }: Node): string[] {
  if (IsOffline || Status === 'Starting') return []
  return Drain === null ? Warnings : Warnings.filter((warning) => !warning.startsWith('It is in drain mode'))
}

function measured(fitness: NonNullable<Node['Fitness']>): string {
  const { EventLoopLagMs, DatabaseRoundTripMs, ClockDifferenceMs, SharedFolderFreeBytes } = fitness
  return [
    `event loop ${ms(EventLoopLagMs)} behind`,
    `database answers in ${ms(DatabaseRoundTripMs)}`,
    `clock ${ms(Math.abs(ClockDifferenceMs))} ${ClockDifferenceMs < 0 ? 'slow' : 'fast'}`,
    ...(SharedFolderFreeBytes === null
      ? []
      : [`${Math.round(SharedFolderFreeBytes / 1e8) / 10} GB free in the shared folder`]),
  ].join(', ')
}

function ms(value: number): string {
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** A moment in the user's zone: its time, with the date unless it is today. */
export function momentText(date: string, now: number): string {
  const at = new Date(date)
  return at.toDateString() === new Date(now).toDateString() ? TIME.format(at) : shortDateText(at)
}

/** Why a node is offline, beginning with a capital; empty without a cause. */
export function causeSentence(cause: string | null): string {
  return cause ? `${cause.charAt(0).toUpperCase()}${cause.slice(1)}` : ''
}

/** What a drain is about and how it goes on, at this moment (ms). */
export function drainSentences(drain: NonNullable<Node['Drain']>, status: Node['Status'], now: number): string {
  const { Reason, By, Since, Deadline, CancelAtDeadline, UndrainAt, Retire } = drain
  const isOver = status === 'Drained'
  return [
    `In drain mode${By ? `, set by ${By}` : ''}${Since ? ` ${agoText(Date.parse(Since), now)}` : ''}${Reason ? `: ${Reason.replace(/\.$/, '')}` : ''}.`,
    ...(Deadline && !isOver ? [deadlineSentence(Date.parse(Deadline), CancelAtDeadline, now)] : []),
    ...(UndrainAt ? [`Takes tasks again in ${durationText(Date.parse(UndrainAt) - now)}.`] : []),
    ...(Retire ? ['Leaves the cluster once drained.'] : []),
  ].join(' ')
}

function deadlineSentence(at: number, isCancelling: boolean, now: number): string {
  if (at <= now) return isCancelling ? 'The deadline has passed, what runs is cancelled.' : 'The deadline has passed.'
  return `Deadline in ${durationText(at - now)}${isCancelling ? ', then what still runs is cancelled' : ''}.`
}
