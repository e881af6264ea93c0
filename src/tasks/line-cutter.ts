import { cleanText } from '../lib/text.ts'

/** The longest text of one log entry, in characters (UTF-16 units); a longer line becomes several entries. */
export const MAX_PIECE = 65_536

/** Takes a line or a piece of one; `continued` when more of the same line follows. */
export type TakePiece = (text: string, continued: boolean) => void

/**
 * Cuts one stream of bytes into lines, however the bytes arrive. UTF-8 that is none becomes U+FFFD, U+0000 too. A line ends
 * at LF or CR LF; a CR elsewhere stays in the text, as a terminal would get it. A line longer than `MAX_PIECE` is handed on
 * in continued pieces whose texts put together are the line; never more than one piece is kept.
 */
export class LineCutter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  readonly #take: TakePiece
  #pending = ''

  constructor(take: TakePiece) {
    this.#take = take
  }

  push(chunk: Uint8Array): void {
    this.#cut(this.#decoder.decode(chunk, { stream: true }))
  }

  /** Hands on what came after the last line end, if anything did. */
  end(): void {
    this.#cut(this.#decoder.decode())
    if (this.#pending !== '') cutPieces(this.#pending, this.#take)
    this.#pending = ''
  }

  #cut(decoded: string): void {
    const text = this.#pending + cleanText(decoded)
    this.#pending = decoded.includes('\n') ? this.#takeLines(text) : text
    while (this.#pending.length > MAX_PIECE) {
      const length = pieceLength(this.#pending)
      this.#take(this.#pending.slice(0, length), true)
      this.#pending = this.#pending.slice(length)
    }
  }

  /** Hands on every line that is complete; returns what is left. */
  #takeLines(text: string): string {
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = text.slice(start, end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end)
      cutPieces(line, this.#take)
      start = end + 1
    }
    return text.slice(start)
  }
}

const CR = 13

/** Hands on one whole line, in as many pieces as it takes. */
export function cutPieces(line: string, take: TakePiece): void {
  let rest = line
  while (rest.length > MAX_PIECE) {
    const length = pieceLength(rest)
    take(rest.slice(0, length), true)
    rest = rest.slice(length)
  }
  take(rest, false)
}

/** A pair of surrogates is not cut in two, nor a CR from the LF that may follow it. */
function pieceLength(text: string): number {
  const last = text.charCodeAt(MAX_PIECE - 1)
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff
  return isHighSurrogate || last === CR ? MAX_PIECE - 1 : MAX_PIECE
}
