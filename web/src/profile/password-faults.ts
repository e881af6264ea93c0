import { ApiError, sentenceOf } from '../api/api-error.ts'

/** The rules of the server. */
export const SHORTEST_PASSWORD = 8
const LONGEST_PASSWORD = 1000

export interface Passwords {
  current: string
  next: string
  repeated: string
}

/** What is wrong with each field, as a sentence. */
export type PasswordFaults = Partial<Record<keyof Passwords | 'form', string>>

/** What keeps the passwords from being sent; empty when nothing does. */
export function faultsOf({ current, next, repeated }: Passwords): PasswordFaults {
  const faults: PasswordFaults = {}
  if (current === '') faults.current = 'Give your present password.'
  if (next.length < SHORTEST_PASSWORD) faults.next = `A password has at least ${SHORTEST_PASSWORD} characters.`
  else if (next.length > LONGEST_PASSWORD) faults.next = `A password has at most ${LONGEST_PASSWORD} characters.`
  else if (next === current) faults.next = 'This is your present password. Choose another one.'
  if (repeated !== next) faults.repeated = 'This is not what you typed above.'
  return faults
}

/** What the server refused, beside the field that caused it. */
export function faultsOfAnswer(error: Error | undefined): PasswordFaults {
  if (!error) return {}
  const sentence = sentenceOf(error)
  if (!(error instanceof ApiError) || error.status !== 400) return { form: sentence }
  if (sentence.includes('CurrentPassword')) return { current: 'This is not your present password.' }
  return sentence.includes('Password') ? { next: sentence } : { form: sentence }
}
