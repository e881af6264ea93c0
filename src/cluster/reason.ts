import { Refusal } from '../lib/errors.ts'
import { cleanText, hasControlCharacters } from '../lib/text.ts'

const LONGEST_REASON = 500

/** A reason that a person gave: trimmed, undefined when empty. Refuses what no list could show, with a 400. */
export function checkReason(reason: string | null | undefined): string | undefined {
  const text = cleanText(reason ?? '').trim()
  if (text.length > LONGEST_REASON) {
    throw new Refusal(
      'BadRequest',
      `The reason is ${text.length} characters long; at most ${LONGEST_REASON} are kept. Shorten it.`,
    )
  }
  if (hasControlCharacters(text)) {
    throw new Refusal('BadRequest', 'The reason holds control characters or line breaks. Write it as one line of text.')
  }
  return text === '' ? undefined : text
}
