import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'

const UNITS: readonly [number, string][] = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
]

/** A duration in the words of the wire format's `Duration`, in its largest unit: `32 seconds`, `1 hour`. */
export function durationInWords(ms: number): string {
  const [size, name] = UNITS.find(([unit]) => ms >= unit) ?? []
  if (size === undefined) return 'less than 1 second'
  const count = Math.floor(ms / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
