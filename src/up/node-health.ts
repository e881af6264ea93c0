/**
 * What a node's ping tells about it: `ready` takes requests; `drained` (or draining) still answers them, so that one can
 * undrain it; `unready` is starting, stopping or cut off from the database; `silent` does not answer.
 */
export type NodeHealth = 'ready' | 'drained' | 'unready' | 'silent'

/** Reads a ping's answer. The body decides, since the drain's status may be set to that of a node that is not ready. */
export function readPing(status: number, body: string): NodeHealth {
  if (status === 200) return 'ready'
  const state = pingState(body)
  if (state === undefined) return status === 418 ? 'drained' : 'unready'
  return state === 'Draining' || state === 'Drained' ? 'drained' : 'unready'
}

function pingState(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'Status' in value && typeof value.Status === 'string'
      ? value.Status
      : undefined
  } catch {
    return undefined
  }
}

/**
 * The node for a request: in turn among the ready ones; without any, among the drained ones; undefined without either. A
 * node in `tried` has already refused this request.
 */
export function chooseNode<Node extends { health: NodeHealth }>(
  nodes: readonly Node[],
  turn: number,
  tried: ReadonlySet<Node> = new Set(),
): Node | undefined {
  const open = nodes.filter((node) => !tried.has(node))
  const ready = open.filter(({ health }) => health === 'ready')
  const candidates = ready.length > 0 ? ready : open.filter(({ health }) => health === 'drained')
  return candidates[turn % candidates.length]
}

/**
 * The node for a part of the web console, which every node that answers has in its memory: one that would get any request,
 * else one that is not ready, so that the console opens and can show that the cluster is without its database.
 */
export function chooseNodeForConsole<Node extends { health: NodeHealth }>(
  nodes: readonly Node[],
  turn: number,
  tried: ReadonlySet<Node> = new Set(),
): Node | undefined {
  const unready = nodes.filter((node) => node.health === 'unready' && !tried.has(node))
  return chooseNode(nodes, turn, tried) ?? unready[turn % unready.length]
}

/** True for the address of the web console or of a part of it. */
export function isConsolePath(url: string): boolean {
  return /^\/+app(\/|\?|$)/i.test(url)
}

/** Why no node takes a request, for the person who sent it. */
export function explainNoNode(nodes: readonly { name: string; health: NodeHealth }[]): string {
  const unready = nodes.filter(({ health }) => health === 'unready').map(({ name }) => name)
  const silent = nodes.filter(({ health }) => health === 'silent').map(({ name }) => name)
  const parts = [
    unready.length > 0 ? `${unready.join(', ')} not ready (starting, stopping, or without the database)` : '',
    silent.length > 0 ? `${silent.join(', ')} not answering` : '',
  ].filter((part) => part !== '')
  return `No node can take this request: ${parts.join('; ') || 'all of them have just refused it'}. Try again in a moment.`
}
