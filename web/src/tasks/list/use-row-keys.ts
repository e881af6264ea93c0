import { type RefObject, useEffect } from 'react'
import { useShortcuts } from '../../parts/shortcuts.ts'

const LINKS = 'tbody a[data-row-link]'
const CONTROLS = 'a, button, input, label, select, textarea'

/**
 * Moves through the rows by the keyboard, the focus being on the link that opens a row, and opens a row by a click anywhere
 * in it. All within `list`.
 */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  useShortcuts([
    { keys: 'j', label: 'Next task', group: 'This page', run: () => moveBy(list.current, 1) },
    { keys: 'k', label: 'Former task', group: 'This page', run: () => moveBy(list.current, -1) },
    { keys: 'x', label: 'Select the task', group: 'This page', run: () => select(list.current) },
  ])
  useEffect(() => {
    const element = list.current
    if (!element) return
    const onKey = (event: KeyboardEvent) => {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      if (step === 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      if (!(event.target instanceof Element) || !event.target.matches(LINKS)) return
      event.preventDefault()
      moveBy(element, step)
    }
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? linkOfClick(event.target) : undefined
      if (!link || event.defaultPrevented || window.getSelection()?.type === 'Range') return
      if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener')
      else link.click()
    }
    element.addEventListener('keydown', onKey)
    element.addEventListener('click', onClick)
    return () => {
      element.removeEventListener('keydown', onKey)
      element.removeEventListener('click', onClick)
    }
  }, [list])
}

/** The link of the row that was clicked beside its controls. */
function linkOfClick(target: Element): HTMLAnchorElement | undefined {
  if (target.closest(CONTROLS)) return undefined
  return target.closest('tr')?.querySelector<HTMLAnchorElement>('a[data-row-link]') ?? undefined
}

function moveBy(list: HTMLElement | null, step: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLAnchorElement>(LINKS) ?? [])]
  const row = document.activeElement?.closest('tr')
  const at = links.findIndex((link) => link.closest('tr') === row)
  const next = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function select(list: HTMLElement | null): void {
  const row = document.activeElement?.closest('tr')
  if (row && list?.contains(row)) row.querySelector<HTMLInputElement>('input[type=checkbox]')?.click()
}
