import { expect, test } from 'vitest'
import { LogPrinter, type LogStyle } from './log-printer.ts'
import { Screen } from './screen.ts'
import type { LogEntry } from './wire.ts'

function printer(style: LogStyle = {}) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) => ({
    write(text: string | Uint8Array, done?: (error?: Error | null) => void) {
      written[name] += text
      done?.()
      return true
    },
  })
  const screen = new Screen({ env: {}, stdout: stream('stdout'), stderr: stream('stderr') })
  return { written, printer: new LogPrinter(screen, style) }
}

function entry(number: number, text: string, more: Partial<LogEntry> = {}): LogEntry {
  return { Number: number, Attempt: 1, At: '2026-03-01T12:00:00.250Z', Stream: 'output', Text: text, ...more }
}

test('output goes to standard output, the rest to standard error', async () => {
  const { printer: log, written } = printer()
  await log.print([
    entry(0, 'Started.', { Stream: 'tako' }),
    entry(1, 'out'),
    entry(2, 'err', { Stream: 'error' }),
    entry(3, ''),
  ])
  expect(written).toEqual({ stdout: 'out\n\n', stderr: '[tako] Started.\nerr\n' })
})

test('the pieces of a long line are one line, also over several answers and with other streams in between', async () => {
  const { printer: log, written } = printer({ timestamps: true })
  await log.print([entry(0, 'one ', { IsContinued: true }), entry(1, 'err', { Stream: 'error' })])
  await log.print([entry(2, 'line', { IsContinued: false }), entry(3, 'next')])
  expect(written.stdout.replace(/\d\d:\d\d:\d\d\.250/g, 'T')).toBe('T  one line\nT  next\n')
})

test('a line that its attempt never finished does not run into the next attempt', async () => {
  const { printer: log, written } = printer()
  await log.print([entry(0, 'half a li', { IsContinued: true }), entry(1, 'again', { Attempt: 2 })])
  expect(written.stdout).toBe('half a li\nagain\n')
})

test('as JSON each entry is a line', async () => {
  const { printer: log, written } = printer({ json: true })
  const entries = [entry(0, 'a'), entry(1, 'b', { Stream: 'error' })]
  await log.print(entries)
  expect(
    written.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(entries)
})
