import { useEffect, useRef } from 'react'
import { createStore } from '../api/store.ts'
import { isForPage, nextKeys } from './shortcut-keys.ts'

export interface Shortcut {
  /** One key, or several after each other with spaces between: `g n`, `?`, `x`. */
  keys: string
  /** What it does, for the help sheet. */
  label: string
  /** The heading under which the help sheet lists it. */
  group: 'Go to' | 'This page' | 'Everywhere'
  run: () => void
}

/** All that are active, in the order in which they were added. */
export const activeShortcuts = createStore<readonly Shortcut[]>([])
export const isHelpOpen = createStore(false)

const PATIENCE_MS = 1200

/** Makes shortcuts active while the component is shown. `run` may change from one drawing to the next, the rest only with `keys`. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts)
  latest.current = shortcuts
  const identity = shortcuts.map(({ keys, label }) => `${keys} ${label}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the identity stands for the shortcuts, whose array is a new one each time.
  useEffect(() => {
    const added = latest.current.map((shortcut, index) => ({
      ...shortcut,
      run: () => latest.current[index]?.run(),
    }))
    activeShortcuts.set([...activeShortcuts.get(), ...added])
    return () => activeShortcuts.set(activeShortcuts.get().filter((one) => !added.includes(one)))
  }, [identity])
}

/** Listens to the keyboard. Returns how to stop. */
export function startShortcuts(): () => void {
  let pressed = ''
  let pressedAt = 0
  const onKey = (event: KeyboardEvent) => {
    if (!isForPage(event)) return
    const shortcuts = activeShortcuts.get()
    const before = event.timeStamp - pressedAt < PATIENCE_MS ? pressed : ''
    const step = nextKeys(
      before,
      event.key,
      shortcuts.map(({ keys }) => keys),
    )
    pressed = step.pressed
    pressedAt = event.timeStamp
    if (step.match === undefined) return
    event.preventDefault()
    // What was added last belongs to the page on top.
    shortcuts.findLast(({ keys }) => keys === step.match)?.run()
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}
