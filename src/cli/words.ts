/** `1 task`, `3 tasks`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`
}

/** ` by admin`, or nothing. */
export function by(name: string | null | undefined): string {
  return name ? ` by ${name}` : ''
}

/** `: a reason`, or nothing. */
export function because(reason: string | null | undefined): string {
  return reason ? `: ${reason}` : ''
}
