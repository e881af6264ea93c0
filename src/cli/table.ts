import type { Colour, Paint } from './colour.ts'
import { singleLine, textWidth, truncate, wrap } from './text-width.ts'

/** A cell: its text, or its text in a colour. Undefined and null stay empty. */
export type Cell = string | number | null | undefined | { readonly text: string; readonly colour: Colour | undefined }

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** May be cut, down to this many cells, when the table is wider than the terminal. */
  readonly shrinkTo?: number
  /** What does not fit goes on in further lines in place of being cut: for a last column that holds sentences. */
  readonly wraps?: boolean
}

/** Where a table is shown: its width in cells (undefined: no limit, as in a file), and its paint. */
export interface Sheet {
  readonly width: number | undefined
  readonly paint: Paint
}

const GAP = '  '

/** The lines of a table: a heading, then a line for each row. Columns that are empty in every row are left out. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly Cell[])[], sheet: Sheet): string[] {
  const used = columns.map((_, index) => index).filter((index) => rows.some((row) => textOf(row[index]) !== ''))
  const shown = used.map((index) => columns[index] ?? { title: '' })
  const cells = rows.map((row) => used.map((index) => row[index]))
  const natural = shown.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(textOf(row[index])))),
  )
  const widths = fitWidths(natural, shown, sheet.width)
  const heading = shown.map((column): Cell => ({ text: column.title, colour: 'dim' }))
  return [heading, ...cells].flatMap((row) => linesOf(row, shown, widths, sheet.paint))
}

/** Takes what is too much from the widest column that may shrink, cell by cell. */
function fitWidths(natural: readonly number[], columns: readonly Column[], limit: number | undefined): number[] {
  const widths = [...natural]
  if (limit === undefined) return widths
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - limit
  while (excess > 0) {
    let widest = -1
    for (const [index, width] of widths.entries()) {
      const least = columns[index]?.shrinkTo
      if (least !== undefined && width > least && width > (widths[widest] ?? 0)) widest = index
    }
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return widths
}

/** A row's line, and the further ones of a cell that wraps. */
function linesOf(row: readonly Cell[], columns: readonly Column[], widths: readonly number[], paint: Paint): string[] {
  const texts = columns.map((column, index) => {
    const width = widths[index] ?? 0
    return column.wraps ? wrap(textOf(row[index]), width) : [truncate(textOf(row[index]), width)]
  })
  const height = Math.max(...texts.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map((column, index) => {
      const text = texts[index]?.[line] ?? ''
      const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)))
      const painted = paint(text, colourOfCell(row[index]))
      return column.align === 'right' ? padding + painted : painted + padding
    })
    return parts.join(GAP).trimEnd()
  })
}

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  return singleLine(typeof cell === 'object' ? cell.text : String(cell))
}

function colourOfCell(cell: Cell): Colour | undefined {
  return typeof cell === 'object' && cell !== null ? cell.colour : undefined
}

/** The lines of a list of properties, labels aligned, long values wrapped under themselves. Empty values are left out. */
export function propertyLines(properties: readonly (readonly [string, Cell])[], sheet: Sheet): string[] {
  const shown = properties.filter(([, value]) => textOf(value) !== '')
  const labelWidth = Math.max(0, ...shown.map(([label]) => textWidth(label)))
  const indent = ' '.repeat(2 + labelWidth + 2)
  return shown.flatMap(([label, value]) => {
    const room = sheet.width === undefined ? Number.POSITIVE_INFINITY : Math.max(20, sheet.width - indent.length)
    const [first = '', ...rest] = wrap(textOf(value), room)
    const padding = ' '.repeat(labelWidth - textWidth(label))
    const colour = colourOfCell(value)
    return [
      `  ${sheet.paint(label, 'dim')}${padding}  ${sheet.paint(first, colour)}`,
      ...rest.map((line) => indent + sheet.paint(line, colour)),
    ]
  })
}
