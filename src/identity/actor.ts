/** Who does something: a person or a service by session or key, or the system itself. */
export interface Actor {
  userId: number | undefined
  username: string
  /** How the identity was established: `session`, `key APIKeys-3`, or `system`. */
  establishedWith: string
  address?: string
  userAgent?: string
  /** The node that took the request, or that acts. */
  node?: string
}

/** The system as an actor, on the node where it acts. */
export function systemActor(node?: string): Actor {
  return { userId: undefined, username: 'system', establishedWith: 'system', ...(node === undefined ? {} : { node }) }
}
