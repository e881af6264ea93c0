import type { Screen } from './screen.ts'
import type { LogEntry } from './wire.ts'

/** How a log is shown. */
export interface LogStyle {
  readonly timestamps?: boolean
  /** One JSON entry a line. */
  readonly json?: boolean
}

type Target = 'stdout' | 'stderr'

/**
 * Prints entries of a task's log: the script's output to standard output, its standard error and Tako's own lines to
 * standard error. The pieces of a long line are put together again.
 */
export class LogPrinter {
  readonly #screen: Screen
  readonly #style: LogStyle
  /** The attempt of the line that is not yet at its end, for each target. */
  readonly #open = new Map<Target, number>()

  constructor(screen: Screen, style: LogStyle) {
    this.#screen = screen
    this.#style = style
  }

  /** Resolves when the entries are taken, so that a slow reader slows the reading of the log. */
  async print(entries: readonly LogEntry[]): Promise<void> {
    let target: Target = 'stdout'
    let text = ''
    for (const entry of entries) {
      const next = this.#style.json || entry.Stream === 'output' ? 'stdout' : 'stderr'
      if (next !== target && text !== '') {
        await this.#screen.write(target, text)
        text = ''
      }
      target = next
      text += this.#style.json ? `${JSON.stringify(entry)}\n` : this.#textOf(entry, target)
    }
    if (text !== '') await this.#screen.write(target, text)
  }

  #textOf(entry: LogEntry, target: Target): string {
    const open = this.#open.get(target)
    const goesOn = open === entry.Attempt && entry.Stream !== 'tako'
    const before = open === undefined ? '' : goesOn ? '' : '\n'
    const prefix = this.#style.timestamps && !goesOn ? `${timeOf(entry.At)}  ` : ''
    if (entry.IsContinued) this.#open.set(target, entry.Attempt)
    else this.#open.delete(target)
    const line =
      entry.Stream === 'tako' ? this.#screen.paintNote(`${prefix}[tako] ${entry.Text}`, 'dim') : prefix + entry.Text
    return `${before}${line}${entry.IsContinued ? '' : '\n'}`
  }
}

/** `17:04:05.250`, in the reader's own time zone. */
function timeOf(date: string): string {
  const at = new Date(date)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
