export type AnsiColour = 'red' | 'green' | 'amber' | 'blue' | 'magenta' | 'cyan' | 'grey'

/** A piece of text in one look. */
export interface TextPart {
  text: string
  colour?: AnsiColour
  isBold?: true
}

const ESCAPE = '\u001b'
const BELL = '\u0007'
/** Black and white are left to the page, which may be dark or light. */
const COLOURS: readonly (AnsiColour | undefined)[] = [
  undefined,
  'red',
  'green',
  'amber',
  'blue',
  'magenta',
  'cyan',
  undefined,
]

/**
 * A line as a terminal would write it, in one colour of this page's for each of the terminal's eight, bold or not. All
 * other control sequences and characters, but for tabs, are taken out.
 */
export function withoutControls(line: string): TextPart[] {
  const [plain = '', ...pieces] = line.split(ESCAPE)
  const parts: TextPart[] = []
  let look: Omit<TextPart, 'text'> = {}
  const add = (text: string) => {
    const clean = text.replaceAll(/[^\P{Cc}\t]/gu, '')
    if (clean !== '') parts.push({ text: clean, ...look })
  }
  add(plain)
  for (const piece of pieces) {
    const [sequence, codes] = /^\[([\d;:<=>?]*)[ -/]*[@-~]/.exec(piece) ?? []
    if (sequence !== undefined) {
      if (sequence.endsWith('m')) look = lookAfter(look, codes ?? '')
      add(piece.slice(sequence.length))
    } else if (piece.startsWith(']')) {
      const end = piece.indexOf(BELL)
      if (end >= 0) add(piece.slice(end + 1))
    } else add(piece.slice(1))
  }
  return parts
}

function lookAfter(before: Omit<TextPart, 'text'>, codes: string): Omit<TextPart, 'text'> {
  let look = before
  const numbers = codes.split(/[;:]/).map(Number)
  for (let index = 0; index < numbers.length; index += 1) {
    const code = numbers[index] ?? 0
    const { colour, isBold } = look
    if (code === 0) look = {}
    else if (code === 1) look = { ...look, isBold: true }
    else if (code === 22) look = colour ? { colour } : {}
    else if (code === 39) look = isBold ? { isBold } : {}
    else if (code >= 30 && code <= 37) look = coloured(look, COLOURS[code - 30])
    else if (code === 90) look = coloured(look, 'grey')
    else if (code > 90 && code <= 97) look = coloured(look, COLOURS[code - 90])
    else if (code === 38 || code === 48) {
      const isIndexed = numbers[index + 1] === 5
      const number = numbers[index + 2] ?? 0
      if (code === 38 && isIndexed) look = coloured(look, number < 16 ? COLOURS[number % 8] : undefined)
      index += isIndexed ? 2 : 4
    }
  }
  return look
}

function coloured({ isBold }: Omit<TextPart, 'text'>, colour: AnsiColour | undefined): Omit<TextPart, 'text'> {
  return { ...(colour ? { colour } : {}), ...(isBold ? { isBold } : {}) }
}
