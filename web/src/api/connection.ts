import { useSyncExternalStore } from 'react'
import { backOffMs, READ_STEPS } from './back-off.ts'
import { createStore } from './store.ts'

/** What is known of the way to the server. Times are of the browser's own clock, in ms. */
export interface Connection {
  /** When an answer last came. */
  lastAnswerAt: number | undefined
  /** Since when requests fail or hang; undefined while they are answered. */
  silentSince: number | undefined
  /** The server's clock minus the browser's; 0 unless they differ by more than the header's whole seconds explain. */
  clockOffsetMs: number
  /** The name of the node at the other end of the event stream, or else of the one that answered last. */
  servedBy: string | undefined
}

const SMALLEST_OFFSET_MS = 2500
/** When nothing at all has been answered for so long while something was asked, the way to the server is cut. */
const HANG_MS = 5000

export const connection = createStore<Connection>({
  lastAnswerAt: undefined,
  silentSince: undefined,
  clockOffsetMs: 0,
  servedBy: undefined,
})

/** The node of the event stream. Behind a balancer each request may go to another one; this one stays. */
let streamNode: string | undefined
let answeredBy: string | undefined
let failures = 0
let nextReadAt = 0
let pending = 0
let hang: ReturnType<typeof setTimeout> | undefined

/** An answer came, with these headers. */
export function noteAnswer(headers: Headers): void {
  const date = headers.get('date')
  answeredBy = headers.get('octopus-node') ?? answeredBy
  failures = 0
  nextReadAt = 0
  watchForHang()
  const now = Date.now()
  const offset = date === null ? 0 : Date.parse(date) + 500 - now
  connection.set({
    lastAnswerAt: now,
    silentSince: undefined,
    clockOffsetMs: Math.abs(offset) > SMALLEST_OFFSET_MS ? offset : 0,
    servedBy: streamNode ?? answeredBy,
  })
}

/** A request was not answered. */
export function noteSilence(): void {
  const now = Date.now()
  if (now >= nextReadAt) {
    nextReadAt = now + backOffMs(failures, Math.random(), READ_STEPS)
    failures += 1
  }
  beSilentSince(now)
}

/** A request goes out; the result is to be called when it has ended, however. */
export function noteAsked(): () => void {
  pending += 1
  if (pending === 1) watchForHang()
  return () => {
    pending -= 1
    if (pending === 0) clearTimeout(hang)
  }
}

/** False while nothing answers and it is too early to try again. Who gets true tries, and meanwhile others do not. */
export function mayRead(): boolean {
  const now = Date.now()
  if (connection.get().silentSince === undefined || failures < 2) return true
  if (now < nextReadAt) return false
  nextReadAt = now + backOffMs(failures, Math.random(), READ_STEPS)
  failures += 1
  return true
}

/** The event stream comes from that node; undefined when it has ended. */
export function noteStream(node: string | undefined): void {
  streamNode = node
  connection.set({ ...connection.get(), servedBy: streamNode ?? answeredBy })
}

/** The node that serves this page (`connection.servedBy`), followed: drawn again only when it is another one. */
export function useServedBy(): string | undefined {
  return useSyncExternalStore(connection.subscribe, () => connection.get().servedBy)
}

/** The present moment by the server's clock, in ms. */
export function serverNow(): number {
  return Date.now() + connection.get().clockOffsetMs
}

function watchForHang(): void {
  clearTimeout(hang)
  if (pending > 0) hang = setTimeout(() => beSilentSince(Date.now() - HANG_MS), HANG_MS)
}

function beSilentSince(moment: number): void {
  const before = connection.get()
  connection.set({ ...before, silentSince: before.silentSince ?? moment })
}
