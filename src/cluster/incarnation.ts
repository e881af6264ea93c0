/** One start of a node: made by registration, ended by goodbye, by the lost mark, or by the end of the process. */
export interface Incarnation {
  /** The node's name, lower case. */
  readonly node: string
  /** A uuid. */
  readonly id: string
  /** Key of the session advisory lock that the heart of this incarnation holds. */
  readonly presenceKey: string
  /** Fires when this incarnation may do nothing more: lost, deleted, or stopped. Its reason is an Error that says which. */
  readonly ended: AbortSignal
}

/** `OctopusServerNodes-<name>`: the id under which the API knows a node. */
export function nodeId(name: string): string {
  return `OctopusServerNodes-${name}`
}

/** The name behind an id or a name, in lower case; anything else is returned in lower case as it is. */
export function nodeNameOf(idOrName: string): string {
  return idOrName.toLowerCase().replace(/^octopusservernodes-/, '')
}

const NODE_NAME = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/

/** True for a name a node may have, after lower-casing: 1 to 63 letters, digits, dots, dashes and underscores. */
export function isNodeName(name: string): boolean {
  return NODE_NAME.test(name)
}
