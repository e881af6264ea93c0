import { DAY, HOUR, MINUTE, SECOND } from './clock.ts'

const UNITS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** Reads `90`, `90s`, `1m30s`, `250ms`, `1d` as milliseconds; a bare number counts seconds. Undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * SECOND)
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  return Math.round(total)
}

/** Writes milliseconds in the shortest words an operator reads at a glance: `0s`, `850ms`, `1m 30s`, `2h 5m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < SECOND) return `${Math.round(ms)}ms`
  const parts: [number, string][] = [
    [Math.floor(ms / DAY), 'd'],
    [Math.floor((ms % DAY) / HOUR), 'h'],
    [Math.floor((ms % HOUR) / MINUTE), 'm'],
    [Math.floor((ms % MINUTE) / SECOND), 's'],
  ]
  const shown = parts.filter(([amount]) => amount > 0).slice(0, 2)
  return shown.length === 0 ? '0s' : shown.map(([amount, unit]) => `${amount}${unit}`).join(' ')
}

/** Reads a .NET TimeSpan (`hh:mm:ss`, `d.hh:mm:ss`, with an optional fraction) as milliseconds; undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/.exec(text.trim())
  if (!match) return undefined
  const [days, hours, minutes, seconds] = [match[1] ?? '0', match[2], match[3], match[4]].map(Number)
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const fraction = Math.round(Number(`0.${match[5] ?? '0'}`) * SECOND)
  return Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND + fraction
}

/** Writes milliseconds as a .NET TimeSpan: `hh:mm:ss` below a day, `d.hh:mm:ss` from a day on. */
export function formatTimeSpan(ms: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const clock = `${two((ms % DAY) / HOUR)}:${two((ms % HOUR) / MINUTE)}:${two((ms % MINUTE) / SECOND)}`
  return ms >= DAY ? `${Math.floor(ms / DAY)}.${clock}` : clock
}
