/** Where one is in a sequence of keys, and the shortcut that is complete. */
export interface KeyStep {
  pressed: string
  match: string | undefined
}

/** What a key leads to after those that were pressed before. A key that continues nothing begins anew. */
export function nextKeys(before: string, key: string, known: readonly string[]): KeyStep {
  for (const pressed of before === '' ? [key] : [`${before} ${key}`, key]) {
    if (known.includes(pressed)) return { pressed: '', match: pressed }
    if (known.some((keys) => keys.startsWith(`${pressed} `))) return { pressed, match: undefined }
  }
  return { pressed: '', match: undefined }
}

/** False for keys that somebody types somewhere, that belong to a dialog or menu, or that the browser takes. */
export function isForPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false
  const { target } = event
  if (!(target instanceof Element)) return true
  if (target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]')) return false
  return document.querySelector('[role=dialog], [role=menu], [role=listbox]') === null
}
