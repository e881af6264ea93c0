/** Entries from `from` to before `to`. */
export interface Range {
  from: number
  to: number
}

/** Reads `0-99,200-299` (both ends included) as ranges; undefined when it is written otherwise. */
export function parseRanges(parts: readonly string[]): Range[] | undefined {
  const ranges = parts.map((part) => /^(\d{1,12})-(\d{1,12})$/.exec(part))
  if (!ranges.every((match) => match !== null && Number(match[1]) <= Number(match[2]))) return undefined
  return ranges.map((match) => ({ from: Number(match?.[1]), to: Number(match?.[2]) + 1 }))
}

/** The parts of `whole` that are asked for by ranges, or else its last `tail` entries; in order and without overlaps. */
export function wantedRanges(whole: Range, asked: { ranges: readonly Range[] | undefined; tail: number }): Range[] {
  const wanted = asked.ranges ?? [{ from: whole.to - asked.tail, to: whole.to }]
  const clipped = wanted
    .map(({ from, to }) => ({ from: Math.max(from, whole.from), to: Math.min(to, whole.to) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from)
  const joined: Range[] = []
  for (const range of clipped) {
    const last = joined.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else joined.push(range)
  }
  return joined
}
