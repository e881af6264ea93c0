/** How many tasks wait before one, in a sentence; empty when that is not known. */
export function positionText(position: number | null): string {
  if (position === null) return ''
  if (position === 0) return 'It is the next.'
  return position === 1 ? 'One task starts before it.' : `${position.toLocaleString('en')} tasks start before it.`
}

/** The same in a word or two, for a list. */
export function placeText(position: number | null): string {
  if (position === null) return ''
  return position === 0 ? 'Next.' : `${position.toLocaleString('en')} ahead.`
}
