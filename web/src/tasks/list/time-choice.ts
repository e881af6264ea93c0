import { MOMENTS, type MomentOfTask, SPANS, type Span, type TasksSearch } from '../tasks-search.ts'

export const MOMENT_WORDS: Readonly<Record<MomentOfTask, string>> = {
  queued: 'Queued',
  started: 'Started',
  completed: 'Ended',
}

const SPAN_WORDS: Readonly<Record<Span, string>> = {
  '15m': 'in the last 15 minutes',
  '1h': 'in the last hour',
  today: 'today',
  '24h': 'in the last 24 hours',
  '7d': 'in the last 7 days',
  '30d': 'in the last 30 days',
}

export const ANY_TIME = ''
export const OWN_TIME = 'own'

/** The choices of the list box, grouped by the moment that is meant. */
export const TIME_GROUPS = MOMENTS.map((by) => ({
  group: MOMENT_WORDS[by],
  items: SPANS.map((since) => ({ value: `${by} ${since}`, label: `${MOMENT_WORDS[by]} ${SPAN_WORDS[since]}` })),
}))

type TimeSearch = Pick<TasksSearch, 'by' | 'since' | 'from' | 'to'>

/** Which choice the address means. */
export function choiceOf({ by = 'queued', since, from, to }: TimeSearch): string {
  if (since) return `${by} ${since}`
  return from || to ? OWN_TIME : ANY_TIME
}

/** The choice as the address has it; `before` is what was shown, `begin` what own dates begin with. */
export function searchOfChoice(choice: string, before: TimeSearch, begin: string): TimeSearch {
  if (choice === OWN_TIME) return { by: before.by ?? 'queued', from: begin }
  const by = MOMENTS.find((one) => choice.startsWith(`${one} `))
  const since = SPANS.find((one) => choice.endsWith(` ${one}`))
  return by && since ? { by, since } : {}
}
