import { useNowText } from './clock.ts'
import { absoluteText, agoText } from './dates.ts'

export interface TimeAgoProps {
  /** A date of the wire. */
  date: string | null | undefined
  /** What stands there without a date. */
  without?: string
}

/** How long ago (or ahead) a moment is, ticking; the moment itself in the user's zone as the tooltip. */
export function TimeAgo({ date, without = 'never' }: TimeAgoProps) {
  return date ? <Ticking date={date} /> : <span>{without}</span>
}

function Ticking({ date }: { date: string }) {
  const at = Date.parse(date)
  const text = useNowText((now) => agoText(at, now))
  return (
    <time dateTime={date} title={absoluteText(date)}>
      {text}
    </time>
  )
}
