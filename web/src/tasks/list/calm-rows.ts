interface Row {
  Id: string
}

/**
 * How many rows of the newest page would appear before those that are shown, which stay as they are meanwhile. All of
 * them when none of the shown ones is left.
 */
export function newBefore(shown: readonly Row[], newest: readonly Row[]): number {
  const known = new Set(shown.map(({ Id }) => Id))
  const last = newest.findLastIndex(({ Id }) => known.has(Id))
  const above = last === -1 ? newest : newest.slice(0, last)
  return above.filter(({ Id }) => !known.has(Id)).length
}

/** The shown rows in their order, each as the first of the answers that has it knows it. */
export function heldRows<Known extends Row>(
  shown: readonly Known[],
  ...answers: readonly (readonly Known[])[]
): Known[] {
  const latest = new Map<string, Known>()
  for (const answer of answers) for (const row of answer) if (!latest.has(row.Id)) latest.set(row.Id, row)
  return shown.map((row) => latest.get(row.Id) ?? row)
}
