/** Returns the value, or throws with `what` when there is none: for what cannot be missing unless the program is wrong. */
export function must<T>(value: T | null | undefined, what = 'a value that must exist is missing'): T {
  if (value === null || value === undefined) throw new Error(what)
  return value
}

/** The only row of a result that must have one. */
export function only<T>(rows: readonly T[], what = 'a row that must exist is missing'): T {
  return must(rows[0], what)
}
