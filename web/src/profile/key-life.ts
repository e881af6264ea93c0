export const LIVES = ['30', '90', '180', '365', 'date', 'never'] as const
export type Life = (typeof LIVES)[number]

/** How long a key lasts, in words. */
export const LIFE_NAMES: Readonly<Record<Life, string>> = {
  30: '30 days',
  90: '90 days',
  180: '180 days',
  365: '1 year',
  date: 'Until a date',
  never: 'No end',
}

const DAY_MS = 86_400_000

/**
 * The end of a key made at `now` (ms) as the API takes it: an ISO date, null for no end. The last day of a chosen date
 * counts in the user's zone. Undefined when no date, or one that has passed, is given.
 */
export function endOf(life: Life, date: string, now: number): string | null | undefined {
  if (life === 'never') return null
  if (life !== 'date') return new Date(now + Number(life) * DAY_MS).toISOString()
  const end = Date.parse(`${date}T23:59:59`)
  return Number.isNaN(end) || end <= now ? undefined : new Date(end).toISOString()
}

/** How a key's end is to be seen at `now`. */
export function endStateOf(expires: string | null, now: number): 'never' | 'fine' | 'soon' | 'over' {
  if (expires === null) return 'never'
  const left = Date.parse(expires) - now
  if (left <= 0) return 'over'
  return left < 14 * DAY_MS ? 'soon' : 'fine'
}
