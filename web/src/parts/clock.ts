import { useSyncExternalStore } from 'react'
import { connection, serverNow } from '../api/connection.ts'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = serverNow()

function tick() {
  now = serverNow()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    now = serverNow()
    timer = setInterval(() => document.visibilityState !== 'hidden' && tick(), 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

document.addEventListener('visibilitychange', () => document.visibilityState !== 'hidden' && tick())
connection.subscribe(() => {
  if (Math.abs(serverNow() - now) > 2500) tick()
})

/** The present moment by the server's clock in ms, each second; one timer for all who ask. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** The same, turned into text: the component is drawn again only when the text changes. */
export function useNowText(textAt: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => textAt(now))
}
