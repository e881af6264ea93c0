/** Which attempt a process belongs to. Task numbers are only unique within one installation, incarnations everywhere. */
export interface AttemptIdentity {
  readonly taskId: number
  readonly attempt: number
  readonly incarnation: string
}

/** The variable that every process of an attempt carries; its value is the attempt's mark. */
export const ATTEMPT_VARIABLE = 'TAKO_ATTEMPT'

/** The variable that the guard of an attempt carries, with the same value. */
export const GUARD_VARIABLE = 'TAKO_GUARD'

/** `<task>/<attempt>/<incarnation>`: the mark by which what an attempt started is found again. */
export function attemptMark({ taskId, attempt, incarnation }: AttemptIdentity): string {
  return `${taskId}/${attempt}/${incarnation}`
}

/** Reads a mark; undefined when it is none. */
export function parseAttemptMark(text: string): AttemptIdentity | undefined {
  const match = /^(\d{1,15})\/(\d{1,9})\/([0-9a-z-]{1,64})$/i.exec(text)
  const incarnation = match?.[3]
  if (!match || incarnation === undefined) return undefined
  return { taskId: Number(match[1]), attempt: Number(match[2]), incarnation }
}
