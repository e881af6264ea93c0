import { useSyncExternalStore } from 'react'

const A_LITTLE_PX = 60

function subscribe(listener: () => void): () => void {
  window.addEventListener('scroll', listener, { passive: true })
  return () => window.removeEventListener('scroll', listener)
}

/** True while the page is scrolled down by more than a little. */
export function useIsScrolled(): boolean {
  return useSyncExternalStore(subscribe, () => window.scrollY > A_LITTLE_PX)
}
