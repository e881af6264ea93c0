import { ConfigurationError } from '../lib/errors.ts'

const MOST_NODES = 26

export interface UpOptions {
  nodes: number
  /** The front door's port; the nodes have those after it. */
  port: number
  dataDir: string
  /** Where the front door listens (default: localhost). Nodes and database listen on 127.0.0.1 alone. */
  host?: string
}

/** Refuses, in one sentence, what cannot be meant. */
export function checkUpOptions({ nodes, port, dataDir }: UpOptions): void {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) {
    throw new ConfigurationError(`--nodes is ${nodes}, but must be a whole number from 1 to ${MOST_NODES}.`)
  }
  if (!Number.isInteger(port) || port < 1 || port + nodes > 65_535) {
    throw new ConfigurationError(
      `--port is ${port}, but must be a whole number from 1 to ${65_535 - nodes}: the nodes have the ports after it.`,
    )
  }
  if (dataDir === '') throw new ConfigurationError('--data-dir is empty, but must name a folder.')
}
