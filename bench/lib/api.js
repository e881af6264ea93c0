/** Tako's HTTP API for a benchmark: answers other than 2xx are thrown. */
export function createApi(base, apiKey) {
  async function ask(method, path, body) {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { 'x-octopus-apikey': apiKey, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 500)}`)
    return text
  }
  return {
    get: async (path) => JSON.parse(await ask('GET', path)),
    text: (path) => ask('GET', path),
    post: async (path, body) => JSON.parse((await ask('POST', path, body)) || 'null'),
  }
}
