import { useEffect, useRef, useState } from 'react'
import { type Draft, readDraft } from './draft.ts'

const PAUSE_MS = 250

/**
 * What is typed, kept by the browser for as long as its tab lives: leaving the page, a reload and the end of the session
 * lose nothing. `name` tells drafts apart; `begin` is what a form without one begins with.
 */
export function useDraft(name: string, begin: Draft) {
  const key = `tako-draft-${name}`
  const [draft, setDraft] = useState(() => readDraft(read(key)) ?? begin)
  const isChanged = !isSame(draft, begin)
  const keep = useRef(() => {})
  keep.current = () => (isChanged ? write(key, draft) : remove(key))

  // A large script is not written at every key, but before the page goes in any case.
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the draft begins the pause anew.
  useEffect(() => {
    const timer = setTimeout(() => keep.current(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [draft])
  useEffect(() => {
    const onLeave = () => keep.current()
    window.addEventListener('pagehide', onLeave)
    return () => {
      window.removeEventListener('pagehide', onLeave)
      onLeave()
    }
  }, [])

  return {
    draft,
    change: (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part })),
    isChanged,
    restart: () => setDraft(begin),
  }
}

/** Forgets what is kept of a form that has done its work, once that form is gone. */
export function forgetDraft(name: string): void {
  remove(`tako-draft-${name}`)
}

function isSame(one: Draft, other: Draft): boolean {
  const { variables, ...texts } = one
  return (
    Object.entries(texts).every(
      ([field, text]) => text === Object.entries(other).find(([name]) => name === field)?.[1],
    ) && JSON.stringify(variables) === JSON.stringify(other.variables)
  )
}

/** A browser that keeps nothing, by its settings or since its room is used up, only makes the form forget. */
function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    remove(key)
  }
}

function remove(key: string): void {
  try {
    sessionStorage.removeItem(key)
  } catch {
    // Nothing is kept anyway.
  }
}
