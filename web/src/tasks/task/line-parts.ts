import { type TextPart, withoutControls } from './ansi.ts'

/** A piece of a line as it is drawn. */
export interface LinePart extends TextPart {
  /** What is looked for. */
  isMatch?: true
}

export interface DrawnLine {
  parts: LinePart[]
  /** How many characters are left out before and after the parts. */
  hiddenBefore: number
  hiddenAfter: number
}

/** More characters of a line nobody reads on a screen, and the browser draws them slowly. */
const MOST_DRAWN = 2000
const BEFORE_MATCH = 200

/** What is drawn of a line: its colours, with what is looked for marked (in either letter case), cut when it is very long. */
export function lineParts(text: string, find: string): DrawnLine {
  const all = withoutControls(lastOverwritten(text))
  const plain = all.map((part) => part.text).join('')
  const matches = findAll(plain, find)
  const [first] = matches
  const from = first !== undefined && first >= MOST_DRAWN - BEFORE_MATCH ? first - BEFORE_MATCH : 0
  const to = Math.min(plain.length, from + MOST_DRAWN)
  return { parts: cutParts(all, matches, find.length, from, to), hiddenBefore: from, hiddenAfter: plain.length - to }
}

/** A carriage return has what follows written over what came before it, as progress bars do. */
function lastOverwritten(text: string): string {
  if (!text.includes('\r')) return text
  return text.split('\r').findLast((piece) => piece !== '') ?? ''
}

function findAll(plain: string, find: string): number[] {
  if (find === '') return []
  const pattern = new RegExp(find.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi')
  return [...plain.matchAll(pattern)].map(({ index }) => index)
}

function cutParts(
  all: readonly TextPart[],
  matches: readonly number[],
  length: number,
  from: number,
  to: number,
): LinePart[] {
  const parts: LinePart[] = []
  let start = 0
  for (const { text, ...look } of all) {
    const end = start + text.length
    let at = Math.max(start, from)
    while (at < Math.min(end, to)) {
      const match = matches.find((place) => place + length > at)
      const isMatch = match !== undefined && match <= at
      const until = Math.min(end, to, match === undefined ? end : isMatch ? match + length : match)
      parts.push({ text: text.slice(at - start, until - start), ...look, ...(isMatch ? { isMatch: true } : {}) })
      at = until
    }
    start = end
  }
  return parts
}
