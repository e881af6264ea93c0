/** A date of the wire as an input of the type `datetime-local` has it, in the user's zone to the minute; empty for none. */
export function localTimeOf(date: string | undefined): string {
  if (date === undefined) return ''
  const at = new Date(date)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The same back; undefined for an empty or incomplete one. */
export function dateOfLocalTime(text: string): string | undefined {
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
