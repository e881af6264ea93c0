/** One argument of a task as it is shown. */
export interface ArgumentBlock {
  name: string
  text: string
  /** The text is one value that fits into a line, and no script. */
  isShort: boolean
}

const LONGEST_SHORT = 60

/** The arguments of a task for reading, in their order; what is empty is left out. */
export function argumentBlocks(given: Readonly<Record<string, unknown>>): ArgumentBlock[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (isEmpty(value)) return []
    const text = textOf(value)
    return [
      {
        name: nameOf(key),
        text,
        isShort: key !== 'ScriptBody' && text.length <= LONGEST_SHORT && !text.includes('\n'),
      },
    ]
  })
}

/** `ScriptBody`: `Script body`. */
function nameOf(key: string): string {
  const words = key.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join('\n')
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.every(([, one]) => typeof one === 'string'))
      return entries.map(([name, one]) => `${name}=${one}`).join('\n')
  }
  return JSON.stringify(value, undefined, 2)
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0)
}
