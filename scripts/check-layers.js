// Imports only run downwards: a room may import itself and the rooms below it, never one above (ARCHITECTURE.md, "Rooms").
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** What each room may import besides itself. */
const below = {
  lib: [],
  database: ['lib'],
  identity: ['lib', 'database'],
  cluster: ['lib', 'database', 'identity'],
  tasks: ['lib', 'database', 'identity', 'cluster'],
  schedule: ['lib', 'database', 'identity', 'cluster', 'tasks'],
  balancer: ['lib', 'cluster'],
  api: ['lib', 'database', 'identity', 'cluster', 'tasks', 'schedule', 'balancer'],
  server: ['lib', 'database', 'identity', 'cluster', 'tasks', 'schedule', 'balancer', 'api'],
  up: ['lib', 'database'],
  cli: ['lib', 'server', 'up'],
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const faults = []
for (const file of files) {
  const room = file.split('/')[0]
  const allowed = below[room]
  if (!allowed) faults.push(`src/${file}: the room '${room}' is not in the list of rooms (scripts/check-layers.js)`)
  for (const [, specifier] of readFileSync(`src/${file}`, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = normalize(join(dirname(file), specifier))
    const other = target.split('/')[0]
    if (file.endsWith('.test.ts') && target.startsWith('../test/')) continue
    if (target.startsWith('..')) faults.push(`src/${file}: imports from outside src: ${specifier}`)
    else if (other !== room && !allowed?.includes(other))
      faults.push(`src/${file}: ${room} may not import ${other} (${specifier})`)
    if (!file.endsWith('.test.ts') && target.endsWith('.test.ts')) faults.push(`src/${file}: imports a test`)
  }
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
