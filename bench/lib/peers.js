import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers/', import.meta.url))
const node = `${folder}node_modules/node/bin/node`

/** Installs the peers and the Node they need, once. They are no dependencies of the product. */
export function preparePeers() {
  if (existsSync(node)) return
  console.log('installing the peers (bench/peers) ...')
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel', 'error'], {
    stdio: 'inherit',
  })
  if (status !== 0 || !existsSync(node))
    throw new Error('the peers could not be installed: npm ci --prefix bench/peers')
}

/** How to run a file of the peers' folder. */
export const peerFile = `${folder}child.js`
export const peerNode = node

/** The peers' versions, as their package.json pins them. */
export function peerVersions() {
  return JSON.parse(readFileSync(`${folder}package.json`, 'utf8')).dependencies
}
