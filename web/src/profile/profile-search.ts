/** What the address of this page says beside its path: nothing. */
export function readProfileSearch(): Record<never, never> {
  return {}
}
