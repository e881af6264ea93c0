import { randomUUID } from 'node:crypto'

// biome-ignore lint/suspicious/noExplicitAny: a test reads what the wire carries, and asserts its shape as it goes
type Json = any

/** The HTTP API as a test uses it: throws for anything but a 2xx, unless the status is what it wants to see. */
export class ApiClient {
  readonly url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.url = url
    this.#key = key
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        'X-Octopus-ApiKey': this.#key,
        'Content-Type': 'application/json',
        ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return { status: response.status, body: isJson ? JSON.parse(text) : text }
  }

  async get(path: string): Promise<Json> {
    return await this.#expectSuccess('GET', path)
  }

  async post(path: string, body: unknown = {}): Promise<Json> {
    return await this.#expectSuccess('POST', path, body)
  }

  async put(path: string, body: unknown): Promise<Json> {
    return await this.#expectSuccess('PUT', path, body)
  }

  /** Queues a script on the server and returns its task. */
  async runScript(script: string, more: Record<string, unknown> = {}): Promise<Json> {
    const scriptArguments = { ScriptBody: script, Syntax: 'Bash', TargetType: 'OctopusServer' }
    return await this.post('/api/tasks', { Name: 'AdHocScript', Arguments: scriptArguments, ...more })
  }

  /** The nodes of the cluster summary by name. */
  async nodes(): Promise<Record<string, Json>> {
    const summary = await this.get('/api/octopusservernodes/summary')
    return Object.fromEntries(summary.Nodes.map((node: Json) => [node.Name, node]))
  }

  async #expectSuccess(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.request(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}
