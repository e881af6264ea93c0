import type { DrainWish } from '../../api/nodes.ts'
import type { Drain } from '../../api/wire.ts'

/** `keep` leaves the moment of a drain that is on, `custom` is the text beside it. */
export type Span = 'keep' | 'none' | '15m' | '1h' | '4h' | 'custom'

/** What the form of a drain holds. */
export interface DrainDraft {
  reason: string
  deadline: Span
  deadlineText: string
  cancelAtDeadline: boolean
  undrain: Span
  undrainText: string
}

export interface DrainProblems {
  reason?: string
  deadline?: string
  undrain?: string
}

const LONGEST_REASON = 500
const LONGEST_MS = 365 * 86_400_000
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What the form begins with; of a drain that is on, what it has. */
export function draftOf(drain: Drain | null | undefined): DrainDraft {
  return {
    reason: drain?.Reason ?? '',
    deadline: drain?.Deadline ? 'keep' : 'none',
    deadlineText: '',
    cancelAtDeadline: drain?.CancelAtDeadline ?? false,
    undrain: drain?.UndrainAt ? 'keep' : 'none',
    undrainText: '',
  }
}

/** A duration such as `1h30m` or `90m` in ms; undefined for what is none. */
export function spanMs(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase().replaceAll(' ', '')
  if (!/^(\d+(\.\d+)?[smhd])+$/.test(trimmed)) return undefined
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)]
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0)
}

/** What is wrong with a duration that somebody typed, as a sentence; undefined when nothing is. */
export function spanProblem(text: string): string | undefined {
  if (text.trim() === '') return 'Enter a duration such as 1h30m.'
  const ms = spanMs(text)
  if (ms === undefined) return `“${text.trim()}” is not a duration. Write for example 1h30m, 45m or 2d.`
  if (ms < 1000) return 'The duration is too short. At least 1s.'
  if (ms > LONGEST_MS) return 'The duration is too long. At most 365d.'
  return undefined
}

/** What the draft asks for, its moments counted from `now` (ms); or what is wrong with it. */
export function wishOf(draft: DrainDraft, now: number): { wish: DrainWish } | { problems: DrainProblems } {
  const reason = draft.reason.length > LONGEST_REASON ? `At most ${LONGEST_REASON} characters.` : undefined
  const deadline = draft.deadline === 'custom' ? spanProblem(draft.deadlineText) : undefined
  const undrain = draft.undrain === 'custom' ? spanProblem(draft.undrainText) : undefined
  if (reason ?? deadline ?? undrain) {
    return {
      problems: { ...(reason ? { reason } : {}), ...(deadline ? { deadline } : {}), ...(undrain ? { undrain } : {}) },
    }
  }
  const deadlineAt = momentOf(draft.deadline, draft.deadlineText, now)
  const undrainAt = momentOf(draft.undrain, draft.undrainText, now)
  return {
    wish: {
      Reason: draft.reason.trim(),
      CancelAtDeadline: draft.cancelAtDeadline && draft.deadline !== 'none',
      ...(deadlineAt === undefined ? {} : { Deadline: deadlineAt }),
      ...(undrainAt === undefined ? {} : { UndrainAt: undrainAt }),
    },
  }
}

function momentOf(span: Span, text: string, now: number): string | null | undefined {
  if (span === 'keep') return undefined
  if (span === 'none') return null
  const ms = spanMs(span === 'custom' ? text : span) ?? 0
  return new Date(now + ms).toISOString()
}
