import type { LogLine } from '../../api/wire.ts'

/** Lines are read and kept by pages of so many. */
export const PAGE_LINES = 400
const MOST_PAGES = 24
const MOST_CHARACTERS = 8_000_000

interface Page {
  lines: (LogLine | undefined)[]
  characters: number
}

/** A few pages of the lines of a log: those that are looked at, and those around them; never more than its limits. */
export class LogLines {
  readonly #pages = new Map<number, Page>()

  get(index: number): LogLine | undefined {
    return this.#pages.get(Math.floor(index / PAGE_LINES))?.lines[index % PAGE_LINES]
  }

  /** The first line of a range, both ends included, that is not held. */
  firstMissing(first: number, last: number): number | undefined {
    for (let index = first; index <= last; index += 1) if (this.get(index) === undefined) return index
    return undefined
  }

  /** True when any line of the page is held. */
  hasAny(page: number): boolean {
    return this.#pages.has(page)
  }

  /** How many pages are held. */
  get pageCount(): number {
    return this.#pages.size
  }

  /** Takes lines in; what is farthest from the shown range makes room. */
  put(lines: readonly LogLine[], shown: { first: number; last: number }): void {
    for (const line of lines) {
      const number = Math.floor(line.Number / PAGE_LINES)
      const page = this.#pages.get(number) ?? { lines: [], characters: 0 }
      this.#pages.set(number, page)
      const place = line.Number % PAGE_LINES
      if (page.lines[place] !== undefined) continue
      page.lines[place] = line
      page.characters += line.Text.length
    }
    this.#makeRoom(shown)
  }

  #makeRoom({ first, last }: { first: number; last: number }): void {
    const firstPage = Math.floor(first / PAGE_LINES)
    const lastPage = Math.floor(last / PAGE_LINES)
    const distance = (page: number) => Math.max(firstPage - page, page - lastPage, 0)
    const removable = [...this.#pages.keys()]
      .filter((page) => distance(page) > 0)
      .sort((a, b) => distance(a) - distance(b))
    let characters = [...this.#pages.values()].reduce((sum, page) => sum + page.characters, 0)
    while (this.#pages.size > MOST_PAGES || characters > MOST_CHARACTERS) {
      const page = removable.pop()
      if (page === undefined) return
      characters -= this.#pages.get(page)?.characters ?? 0
      this.#pages.delete(page)
    }
  }
}
