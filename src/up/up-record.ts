import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { ConfigurationError } from '../lib/errors.ts'
import { pollUntil } from './poll.ts'
import { isAlive, type ProcessIdentity, signalProcess } from './process-identity.ts'

/** A node's process as `up.json` has it, for the next `tako up` to find it should this one be killed. */
export interface RecordedNode extends ProcessIdentity {
  name: string
}

/** How long the nodes of a killed supervisor, which stop by themselves, are left to it. */
const PATIENCE_MS = 10_000
const KILL_MS = 5_000

export function writeRecord(file: string, nodes: readonly RecordedNode[]): void {
  writeFileSync(`${file}.new`, `${JSON.stringify({ nodes }, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeRecord(file: string): void {
  rmSync(file, { force: true })
}

/** The nodes in the record; none when there is no record, or none that can be read. */
export function readRecord(file: string): RecordedNode[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const nodes: unknown = typeof value === 'object' && value !== null && 'nodes' in value ? value.nodes : []
    return Array.isArray(nodes) ? nodes.filter(isRecordedNode) : []
  } catch {
    return []
  }
}

function isRecordedNode(value: unknown): value is RecordedNode {
  if (typeof value !== 'object' || value === null) return false
  if (!('name' in value && 'pid' in value && 'startedAt' in value)) return false
  return typeof value.name === 'string' && Number.isInteger(value.pid) && typeof value.startedAt === 'string'
}

/** Waits for the nodes of a killed `tako up` to stop, which they do by themselves, and kills those that do not. */
export async function endRecordedNodes(
  file: string,
  onProgress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const alive = () => readRecord(file).filter(isAlive)
  const leftover = alive()
  if (leftover.length === 0) return
  onProgress(`Waiting for what an earlier run left behind: ${leftover.map(({ name }) => name).join(', ')}`)
  if (await pollUntil(() => alive().length === 0, { timeoutMs: PATIENCE_MS, signal })) return
  for (const node of alive()) kill(node)
  if (await pollUntil(() => alive().length === 0, { timeoutMs: KILL_MS, signal })) return
  throw new ConfigurationError(
    `Nodes of an earlier run do not end (process ${alive()
      .map(({ pid }) => pid)
      .join(', ')}): end them, then start again.`,
  )
}

function kill(node: RecordedNode): void {
  try {
    signalProcess(node, 'SIGKILL')
  } catch (error) {
    throw new ConfigurationError(
      `${node.name} of an earlier run still runs as another user's process ${node.pid}: end it, then start again.`,
      { cause: error },
    )
  }
}
