/** The query of an address as flat texts; a name that is there several times is joined by commas. */
export function parseSearch(text: string): Record<string, string> {
  const parameters = new URLSearchParams(text)
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]))
}

/** The same back: lists joined by commas; what is undefined, null, false, empty or an empty list is left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(',') : value === false ? '' : String(value ?? '')
    if (text !== '') parameters.set(name, text)
  }
  const text = parameters.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}

/** A text of at most 200 characters; undefined for none. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 200) : undefined
}

/** Those of the texts that are known; undefined for none. */
export function readList<Known extends string>(value: unknown, known: readonly Known[]): Known[] | undefined {
  const texts: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  const found = known.filter((one) => texts.includes(one))
  return found.length === 0 ? undefined : found
}

/** The text if it is known; otherwise undefined. */
export function readOneOf<Known extends string>(value: unknown, known: readonly Known[]): Known | undefined {
  return known.find((one) => one === value)
}

/** A whole number of at least `least`; otherwise undefined. */
export function readNumber(value: unknown, least = 0): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) && number >= least ? number : undefined
}

/** True for `true`; otherwise undefined. */
export function readFlag(value: unknown): true | undefined {
  return value === true || value === 'true' ? true : undefined
}

/** A date that there is, as it was given; otherwise undefined. */
export function readDate(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined
}
