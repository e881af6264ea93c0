const SENT = 0
const TRUSTED_UNTIL = 1
const TURNS = 2
const ROUND_TRIPS = 3
const WORDS = 4

/**
 * What the heart's thread and the main thread share, so that each knows the other's latest word although no message is
 * delivered while a thread is busy. Times are `Clock.monotonicMs()`, kept in microseconds.
 */
export class HeartMemory {
  readonly buffer: SharedArrayBuffer
  readonly #words: BigInt64Array

  constructor(buffer = new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new BigInt64Array(buffer)
  }

  /** A beat sent at `sentMs` was accepted: the lease may be trusted until `untilMs`. */
  trust(sentMs: number, untilMs: number): void {
    Atomics.store(this.#words, SENT, BigInt(Math.floor(sentMs * 1000)))
    Atomics.store(this.#words, TRUSTED_UNTIL, BigInt(Math.floor(untilMs * 1000)))
  }

  /** The lease is over. */
  distrust(): void {
    Atomics.store(this.#words, TRUSTED_UNTIL, 0n)
  }

  isTrusted(nowMs: number): boolean {
    return BigInt(Math.ceil(nowMs * 1000)) < Atomics.load(this.#words, TRUSTED_UNTIL)
  }

  /** When the last accepted beat was sent; -Infinity before the first. */
  lastSentMs(): number {
    const sent = Atomics.load(this.#words, SENT)
    return sent === 0n ? Number.NEGATIVE_INFINITY : Number(sent) / 1000
  }

  /** The main thread turned. */
  countTurn(): void {
    Atomics.add(this.#words, TURNS, 1n)
  }

  /** The main thread completed a round trip to the database. */
  countRoundTrip(): void {
    Atomics.add(this.#words, ROUND_TRIPS, 1n)
  }

  turns(): bigint {
    return Atomics.load(this.#words, TURNS)
  }

  roundTrips(): bigint {
    return Atomics.load(this.#words, ROUND_TRIPS)
  }
}
