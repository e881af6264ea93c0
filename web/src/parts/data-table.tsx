import { Checkbox } from '@mantine/core'
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react'
import { memo, type ReactNode, useCallback, useRef } from 'react'
import classes from './data-table.module.css'
import { nextSort, type Sort } from './sort.ts'

export interface Column<Row> {
  id: string
  /** The heading; also the label of the cell in the narrow form. */
  header: string
  /** For headings that only screen readers need, such as that of the row's menu. */
  isHeaderHidden?: boolean
  cell: (row: Row) => ReactNode
  /** The heading is a button that sorts. */
  isSortable?: boolean
  align?: 'end'
  /** A CSS width, such as `8rem`. */
  width?: string
  /** Names the row: a row heading, and the heading of the card in the narrow form. */
  isMain?: boolean
  /** Left out below this width of the table. */
  hideBelow?: 'medium' | 'wide'
}

export interface Selection {
  ids: ReadonlySet<string>
  onChange: (ids: ReadonlySet<string>) => void
  /** What a row's box is called, such as `Select node-a`. */
  labelOf: (id: string) => string
  /** False for rows that cannot be chosen; all can without it. */
  isSelectable?: (id: string) => boolean
}

export interface DataTableProps<Row> {
  /** Names the table for screen readers. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  idOf: (row: Row) => string
  /** How the rows are sorted, which the caller does (`sortedBy`). */
  sort?: Sort
  onSort?: (sort: Sort) => void
  selection?: Selection
  /** Tints the row. */
  toneOf?: (row: Row) => 'red' | 'amber' | undefined
  /** A line over the whole width below a row. */
  below?: (row: Row) => ReactNode
  /** What stands there without rows. */
  empty?: ReactNode
  /** While the rows are those of a former filter. */
  isOutdated?: boolean
}

/** A table with a row for each thing; in a narrow place a card for each. Scrolls in its own box when it is still too wide. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, idOf, sort, onSort, selection, toneOf, below, empty, isOutdated } = props
  const latest = useRef(selection)
  latest.current = selection
  const onToggle = useCallback((id: string) => latest.current?.onChange(toggled(latest.current.ids, id)), [])
  if (rows.length === 0 && empty) return <div className={classes.box}>{empty}</div>
  return (
    <div className={classes.box} data-outdated={isOutdated || undefined}>
      <table className={classes.table} aria-busy={isOutdated || undefined}>
        <caption className={classes.hidden}>{caption}</caption>
        <thead>
          <tr>
            {selection && (
              <th scope="col" className={classes.select}>
                <SelectAll ids={rows.map(idOf)} selection={selection} />
              </th>
            )}
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <BodyRow
              key={idOf(row)}
              row={row}
              id={idOf(row)}
              columns={columns}
              tone={toneOf?.(row)}
              more={below?.(row)}
              selectLabel={selection?.labelOf(idOf(row))}
              isSelected={selection?.ids.has(idOf(row)) ?? false}
              onToggle={onToggle}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function HeadCell<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
}) {
  const { id, header, isHeaderHidden, isSortable, align, width, hideBelow } = column
  const direction = sort?.by === id ? sort.direction : undefined
  const Arrow = direction === undefined ? IconArrowsSort : direction === 'ascending' ? IconArrowUp : IconArrowDown
  return (
    <th
      scope="col"
      data-align={align}
      data-hide-below={hideBelow}
      {...(width === undefined ? {} : { style: { width } })}
      {...(isSortable ? { 'aria-sort': direction ?? 'none' } : {})}
    >
      {isSortable && onSort ? (
        <button type="button" className={classes.sort} onClick={() => onSort(nextSort(sort, id))}>
          {header}
          <Arrow size={13} aria-hidden data-faint={direction === undefined || undefined} />
        </button>
      ) : (
        <span className={isHeaderHidden ? classes.hidden : undefined}>{header}</span>
      )}
    </th>
  )
}

interface BodyRowProps<Row> {
  row: Row
  id: string
  columns: readonly Column<Row>[]
  tone: 'red' | 'amber' | undefined
  more: ReactNode
  /** Undefined without boxes to select by. */
  selectLabel: string | undefined
  isSelected: boolean
  onToggle: (id: string) => void
}

// Drawn again only when something of its own has changed: the others of a long table stay as they are.
const BodyRow = memo(DrawnRow) as typeof DrawnRow

function DrawnRow<Row>({ row, id, columns, tone, more, selectLabel, isSelected, onToggle }: BodyRowProps<Row>) {
  return (
    <>
      <tr data-tone={tone} data-selected={isSelected || undefined} data-more={more ? true : undefined}>
        {selectLabel !== undefined && (
          <td className={classes.select}>
            <RowBox id={id} label={selectLabel} isSelected={isSelected} onToggle={onToggle} />
          </td>
        )}
        {columns.map((column) => {
          const Cell = column.isMain ? 'th' : 'td'
          return (
            <Cell
              key={column.id}
              {...(column.isMain ? { scope: 'row' } : {})}
              data-main={column.isMain || undefined}
              data-align={column.align}
              data-hide-below={column.hideBelow}
              data-label={column.isHeaderHidden || column.isMain ? undefined : column.header}
            >
              <div className={classes.content}>{column.cell(row)}</div>
            </Cell>
          )
        })}
      </tr>
      {more && (
        <tr className={classes.more} data-tone={tone}>
          <td colSpan={columns.length + (selectLabel === undefined ? 0 : 1)}>{more}</td>
        </tr>
      )}
    </>
  )
}

interface RowBoxProps {
  id: string
  label: string
  isSelected: boolean
  onToggle: (id: string) => void
}

const RowBox = memo(function RowBox({ id, label, isSelected, onToggle }: RowBoxProps) {
  return <Checkbox size="xs" aria-label={label} checked={isSelected} onChange={() => onToggle(id)} />
})

function SelectAll({ ids: shown, selection }: { ids: readonly string[]; selection: Selection }) {
  const ids = shown.filter((id) => selection.isSelectable?.(id) !== false)
  const count = ids.filter((id) => selection.ids.has(id)).length
  const isAll = count === ids.length && count > 0
  return (
    <Checkbox
      size="xs"
      aria-label="Select all shown"
      checked={isAll}
      indeterminate={count > 0 && !isAll}
      onChange={() => selection.onChange(new Set(isAll ? [] : ids))}
    />
  )
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}
