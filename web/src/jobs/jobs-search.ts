/** What the address of this page says beside its path: nothing. */
export function readJobsSearch(): Record<never, never> {
  return {}
}
