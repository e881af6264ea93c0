const MINUTE = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** A minute of today in the user's zone, such as `14:05`. */
export function minuteText(date: string): string {
  return MINUTE.format(new Date(date))
}
