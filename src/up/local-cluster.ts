import { resolve } from 'node:path'
import { SECOND } from '../lib/clock.ts'
import { type FrontDoor, openFrontDoor } from './front-door.ts'
import { type LastingPostgres, startLastingPostgres } from './lasting-postgres.ts'
import { launchFleet, type PlannedNode, stopPatienceMs } from './node-fleet.ts'
import { nodeSettings, planNodes } from './node-settings.ts'
import type { Surroundings } from './surroundings.ts'
import { keptSecrets, openUpFolder, takeUpFolder, type UpFolder, writeEnvFile } from './up-folder.ts'
import { checkUpOptions, type UpOptions } from './up-options.ts'
import { endRecordedNodes } from './up-record.ts'
import { checkPorts, listenFault } from './used-port.ts'

const NODE_HOST = '127.0.0.1'
/** Room for every session a node may open. */
const SESSIONS_PER_NODE = 25

/** A cluster on this machine, ready for requests. */
export interface LocalCluster {
  address: string
  adminUsername: string
  adminPassword: string
  folder: UpFolder
  nodes: readonly PlannedNode[]
  /** Resolves with the reason when the database is gone for good. */
  databaseLost: Promise<string>
}

/** Starts front door, database and nodes, and resolves when every node answers its ping. */
export async function startLocalCluster(options: UpOptions, surroundings: Surroundings): Promise<LocalCluster> {
  checkUpOptions(options)
  const folder = openUpFolder(resolve(options.dataDir))
  const lock = await takeUpFolder(folder)
  surroundings.undo.push(async () => lock.release())
  await endRecordedNodes(folder.record, surroundings.teller.step, surroundings.signals.stop)
  const door = await openDoor(options, surroundings)
  const postgres = await startDatabase(options, folder, surroundings)
  const secrets = keptSecrets(folder, process.env)
  const nodes = planNodes(options.nodes, options.port).map((node): PlannedNode => {
    const cluster = { databaseUrl: postgres.url, sharedDir: folder.shared, ...secrets }
    return { ...node, url: urlOf(node), settings: nodeSettings(node, cluster, process.env) }
  })
  for (const node of nodes) writeEnvFile(folder, node.name, node.settings)
  await launchFleet(nodes, folder, surroundings).waitUntilReady(door.nodes)
  return {
    address: `http://${shownHost(options.host)}:${options.port}`,
    adminUsername: nodes[0]?.settings.TAKO_ADMIN_USERNAME ?? 'admin',
    adminPassword: secrets.adminPassword,
    folder,
    nodes,
    databaseLost: postgres.lost,
  }
}

/** First of all, so that a used port is found before anything else is started. */
async function openDoor({ host = 'localhost', port, nodes }: UpOptions, { undo }: Surroundings): Promise<FrontDoor> {
  const plan = planNodes(nodes, port)
  await checkPorts([
    // `localhost` may be two addresses, of which the server insists on one.
    ...(host === 'localhost' ? [{ port, host: NODE_HOST, whose: 'the cluster' }] : []),
    ...plan.map((node) => ({ port: node.port, host: NODE_HOST, whose: node.name })),
  ])
  const targets = plan.map((node) => ({ name: node.name, url: urlOf(node) }))
  const door = await openFrontDoor({ host, port, nodes: targets }).catch((error: unknown) => {
    throw listenFault(error, port, host, 'the cluster')
  })
  undo.push(() => door.close())
  return door
}

async function startDatabase(
  { nodes }: UpOptions,
  folder: UpFolder,
  { teller, signals, undo }: Surroundings,
): Promise<LastingPostgres> {
  teller.step('Starting PostgreSQL')
  let isReady = false
  const postgres = await startLastingPostgres({
    dataDir: folder.postgres,
    settings: { max_connections: String(Math.max(200, nodes * SESSIONS_PER_NODE)) },
    onProgress: (sentence) => (isReady ? teller.event(sentence) : teller.step(sentence)),
    signal: signals.stop,
    // The nodes of a killed supervisor still need it to finish in order.
    orphanSeconds: Math.ceil(stopPatienceMs(process.env) / SECOND),
  })
  isReady = true
  undo.push(async () => {
    await postgres.stop()
    teller.event('PostgreSQL has stopped')
  })
  teller.step(`PostgreSQL is ready on ${NODE_HOST}:${postgres.port}`)
  return postgres
}

function urlOf({ port }: { port: number }): string {
  return `http://${NODE_HOST}:${port}`
}

function shownHost(host = 'localhost'): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
