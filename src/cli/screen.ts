import { type Paint, painter, wantsColour } from './colour.ts'
import type { OutputStream, Surroundings } from './surroundings.ts'
import { type Cell, type Column, propertyLines, type Sheet, tableLines } from './table.ts'
import { singleLine, wrap } from './text-width.ts'

/** Narrower than this, a table is not squeezed any more. */
const LEAST_WIDTH = 40

/** What a command shows: results on standard output, what happens on the way on standard error. */
export class Screen {
  /** Paints for standard output. */
  readonly paint: Paint
  /** Paints for standard error. */
  readonly paintNote: Paint
  readonly #stdout: OutputStream
  readonly #stderr: OutputStream

  constructor(surroundings: Pick<Surroundings, 'env' | 'stdout' | 'stderr'>) {
    const { env, stdout, stderr } = surroundings
    this.#stdout = stdout
    this.#stderr = stderr
    this.paint = painter(wantsColour(stdout, env))
    this.paintNote = painter(wantsColour(stderr, env))
  }

  /** A line of the result. */
  line(text = ''): void {
    this.#stdout.write(`${text}\n`)
  }

  /** A line about what is going on, which is no part of the result. */
  note(text: string): void {
    this.#stderr.write(`${this.paintNote(singleLine(text), 'dim')}\n`)
  }

  /** Something that went wrong, or that the person should know. */
  warn(text: string): void {
    this.#stderr.write(`tako: ${singleLine(text)}\n`)
  }

  /** Exactly what the API answered. */
  json(value: unknown): void {
    this.#stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    for (const line of tableLines(columns, rows, this.#sheet())) this.line(line)
  }

  properties(properties: readonly (readonly [string, Cell])[]): void {
    for (const line of propertyLines(properties, this.#sheet())) this.line(line)
  }

  /** Sentences, each beginning a line, wrapped at the terminal's width. */
  text(sentences: readonly string[]): void {
    const { width = Number.POSITIVE_INFINITY } = this.#sheet()
    for (const sentence of sentences) for (const line of wrap(singleLine(sentence), width)) this.line(line)
  }

  /** Text as it is, to one of the two streams; resolves when it was taken, so that a slow reader is waited for. */
  async write(stream: 'stdout' | 'stderr', text: string | Uint8Array): Promise<void> {
    const target = stream === 'stdout' ? this.#stdout : this.#stderr
    await new Promise<void>((resolve, reject) => target.write(text, (error) => (error ? reject(error) : resolve())))
  }

  #sheet(): Sheet {
    const width = this.#stdout.isTTY ? this.#stdout.columns : undefined
    return { width: width === undefined ? undefined : Math.max(LEAST_WIDTH, width), paint: this.paint }
  }
}
