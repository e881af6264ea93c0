import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Prints the rows of a result as a table, numbers to the right, and below it whether each bar was held. */
export function printResult({ title, note, rows, bars }) {
  console.log(`\n${title}`)
  if (note) console.log(`(${note})`)
  printTable(rows)
  for (const bar of bars) console.log(`  ${verdict(bar)}  ${bar.what}: ${bar.value} (bar: ${bar.bar})`)
}

function verdict({ held, isDisturbed }) {
  return `${held ? 'held  ' : 'MISSED'}${isDisturbed ? ' (the machine was busy with other things)' : ''}`
}

function printTable(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (row, column) => (row[column] === undefined ? '' : String(row[column]))
  const width = (column) => Math.max(column.length, ...rows.map((row) => cell(row, column).length))
  const isNumber = (column) => rows.every((row) => row[column] === undefined || typeof row[column] === 'number')
  const line = (text) =>
    columns
      .map((column) => (isNumber(column) ? text(column).padStart(width(column)) : text(column).padEnd(width(column))))
      .join('  ')
      .trimEnd()
  console.log(line((column) => column))
  for (const row of rows) console.log(line((column) => cell(row, column)))
}

/**
 * A bar: a figure of ours and the limit it has to keep. `atLeast` or `atMost` says on which side; `isDisturbed`, that the
 * figure stands on samples that others disturbed.
 */
export function bar(what, value, { atLeast, atMost, unit = '', isDisturbed = false }) {
  const held = atLeast === undefined ? value <= atMost : value >= atLeast
  return {
    what,
    value: `${value}${unit}`,
    bar: atLeast === undefined ? `at most ${atMost}${unit}` : `at least ${atLeast}${unit}`,
    held,
    isDisturbed,
  }
}

export function writeJson(file, report) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
}
