/** A date as the wire has it: `2024-08-21T16:17:46.750+00:00`. */
export function wireDate(date: Date): string {
  return date.toISOString().replace('Z', '+00:00')
}

/** The same for what may be missing: null then. */
export function wireDateOrNull(date: Date | null | undefined): string | null {
  return date ? wireDate(date) : null
}
