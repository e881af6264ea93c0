/** True when the header (`Accept-Encoding`) allows gzip. */
export function acceptsGzip(header: string | undefined): boolean {
  const qualities = readQualities(header)
  return (qualities.get('gzip') ?? qualities.get('x-gzip') ?? qualities.get('*') ?? 0) > 0
}

/** True when the header (`Accept`) asks for a page by name, as a browser does that opens an address. */
export function wantsPage(header: string | undefined): boolean {
  return (readQualities(header).get('text/html') ?? 0) > 0
}

/** True when the header (`If-None-Match`) names the validator, weak or strong, so that the asker has that very content. */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const known = header.split(',').map((text) => text.trim().replace(/^W\//, ''))
  return known.includes('*') || known.includes(etag)
}

/** The weight (0 to 1) of each value in a list such as `gzip;q=0.5, br`. */
function readQualities(header = ''): Map<string, number> {
  return new Map(
    header.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1)
      return [name, Number.isNaN(weight) ? 0 : weight]
    }),
  )
}
