import { useNowText } from './clock.ts'
import { absoluteText, durationText } from './dates.ts'

export interface DurationProps {
  /** A date of the wire. */
  from: string
  /** Undefined or null while it goes on: then it ticks. */
  to?: string | null
}

/** How long something took, or has taken so far. */
export function Duration({ from, to }: DurationProps) {
  const start = Date.parse(from)
  const text = useNowText((now) => durationText((to ? Date.parse(to) : now) - start))
  return (
    <span className="tabular" title={`Since ${absoluteText(from)}`}>
      {text}
    </span>
  )
}
