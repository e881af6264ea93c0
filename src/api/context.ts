import type { Timings } from '../cluster/timings.ts'
import type { Sql } from '../database/connect.ts'
import type { Hints } from '../database/hints.ts'
import type { Identity } from '../identity/identity.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { KindRegistry } from '../tasks/kind.ts'
import type { Live } from './live.ts'

/** The node that answers. */
interface ApiNode {
  /** Lower case. */
  readonly name: string
  /** Its own direct address, such as `http://10.0.0.5:8081`. */
  url(): string
  /** The uuid of the present incarnation; undefined while the node is not registered. */
  incarnation(): string | undefined
}

/** Everything an operation may use: handed to the API when the node is put together. */
export interface ApiContext {
  readonly sql: Sql
  readonly hints: Hints
  readonly log: Log
  readonly clock: Clock
  readonly timings: Timings
  readonly node: ApiNode
  /** The uuid of this installation, from the `cluster` row. */
  readonly installationId: string
  /** Tako's own version; never shown to anonymous callers. */
  readonly version: string
  readonly kinds: KindRegistry
  readonly identity: Identity
  /** Event streams and long polls; closed when the node stops. */
  readonly live: Live
}
