import { hasControlCharacters } from '../lib/text.ts'

let segmenter: Intl.Segmenter | undefined

/** The characters as people count them. The segmenter is only made when it is needed, since making it takes time. */
function graphemesOf(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** Characters that take two cells: East Asian wide and full width forms, and emoji. */
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|^\p{Emoji_Presentation}|^\p{Emoji}\uFE0F/u
const ZERO = /^[\p{Mark}\p{Cf}]+$/u
const PLAIN = /^[\x20-\x7E]*$/

/** How many cells of a terminal the text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}

/** Cuts the text to at most `width` cells, the last of them an ellipsis when something was cut. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemesOf(text)) {
    const next = graphemeWidth(segment)
    if (used + next > width - 1) break
    kept += segment
    used += next
  }
  return `${kept.trimEnd()}…`
}

/** One line without control characters, which would let a name or a reason from elsewhere drive the reader's terminal. */
export function singleLine(text: string): string {
  return hasControlCharacters(text) ? text.replace(/\p{Cc}+/gu, ' ').trim() : text
}

/** Breaks the text at spaces into lines of at most `width` cells; a longer word stands alone on its line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return [...lines, line]
}
