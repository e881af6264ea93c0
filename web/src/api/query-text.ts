/** The path with the query; lists are joined by commas, and what is undefined, null, empty or an empty list is left out. */
export function withQuery(path: string, query: Readonly<Record<string, unknown>> = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
    if (text !== '') parameters.set(name, text)
  }
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}
