/** What a spreadsheet takes for the beginning of a formula, also behind white space and in its full-width form. */
const FORMULA = /^[\s\p{Cc}\p{Zs}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

/**
 * One line of CSV (RFC 4180) with its CR LF: every cell in quotes, quotes doubled. A text that a spreadsheet would run as a
 * formula begins with an apostrophe, which makes it a text there.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: string | number | null): string {
  if (typeof cell !== 'string') return `"${cell ?? ''}"`
  return `"${(FORMULA.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`
}
