import type { OutputStream } from './surroundings.ts'

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 } as const

export type Colour = keyof typeof CODES

/** Puts a text in colour, or leaves it as it is where colours are not wanted. */
export type Paint = (text: string, colour: Colour | undefined) => string

/** True on a terminal that is not dumb, unless NO_COLOR is set. */
export function wantsColour(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
}

/** The paint for a stream. */
export function painter(enabled: boolean): Paint {
  return (text, colour) => (enabled && colour && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text)
}

const STATE_COLOURS: Readonly<Record<string, Colour>> = {
  Online: 'green',
  Starting: 'blue',
  Draining: 'yellow',
  Drained: 'yellow',
  Offline: 'red',
  Queued: 'dim',
  Executing: 'blue',
  Cancelling: 'yellow',
  Success: 'green',
  Failed: 'red',
  Canceled: 'yellow',
  TimedOut: 'red',
}

/** The one colour of a state, of a node or of a task, wherever it is shown. */
export function colourOf(state: string): Colour | undefined {
  return STATE_COLOURS[state]
}
