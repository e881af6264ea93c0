// Imports only run downwards: a room may import itself and the rooms below it, never one above (ARCHITECTURE.md, "Rooms").
// The web console has rooms of its own and shares nothing with the server but types of what goes over the wire.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** What each room may import besides itself. */
const server = {
  lib: [],
  database: ['lib'],
  identity: ['lib', 'database'],
  cluster: ['lib', 'database', 'identity'],
  tasks: ['lib', 'database', 'identity', 'cluster'],
  schedule: ['lib', 'database', 'identity', 'cluster', 'tasks'],
  balancer: ['lib', 'cluster'],
  api: ['lib', 'database', 'identity', 'cluster', 'tasks', 'schedule', 'balancer'],
  console: ['lib'],
  server: ['lib', 'database', 'identity', 'cluster', 'tasks', 'schedule', 'balancer', 'api', 'console'],
  up: ['lib', 'database'],
  cli: ['lib', 'server', 'up'],
}

const shared = ['parts', 'api', 'session']
const pages = ['nodes', 'tasks', 'jobs', 'audit', 'profile']
const web = {
  api: [],
  parts: ['api'],
  session: ['api', 'parts'],
  ...Object.fromEntries(pages.map((page) => [page, shared])),
  app: [...shared, ...pages],
  'main.tsx': ['app', ...shared],
}

/** With `import type` or `export type` in front, where it is one. */
const IMPORT = /(\b(?:import|export) type (?:\{[^}]*\}|\* as \w+|\w+)\s+)?\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g

/** Where the console takes the types of what goes over the wire from. */
const WIRE = 'src/api/views/'

const faults = []
for (const { path, room, imports } of filesOf('src', server)) {
  const isTest = path.endsWith('.test.ts')
  for (const { specifier, target } of imports) {
    const other = target.split('/')[1]
    if (isTest && target.startsWith('test/')) continue
    if (!target.startsWith('src/')) faults.push(`${path}: imports from outside src: ${specifier}`)
    else if (other !== room && !server[room]?.includes(other))
      faults.push(`${path}: ${room} may not import ${other} (${specifier})`)
    if (!isTest && target.endsWith('.test.ts')) faults.push(`${path}: imports a test`)
  }
}
for (const { path, room, imports } of filesOf('web/src', web)) {
  for (const { specifier, target, isType } of imports) {
    const other = target.split('/')[2]
    if (target.startsWith(WIRE)) {
      if (!isType) faults.push(`${path}: only types may come from the server: write "import type" (${specifier})`)
    } else if (!target.startsWith('web/src/')) faults.push(`${path}: imports from outside web/src: ${specifier}`)
    else if (other !== room && !web[room]?.includes(other))
      faults.push(`${path}: ${room} may not import ${other} (${specifier})`)
    if (!/\.test\.tsx?$/.test(path) && /\.test\.tsx?$/.test(target)) faults.push(`${path}: imports a test`)
  }
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)

/** The sources below a folder with their room and what they import by a relative path. */
function filesOf(folder, rooms) {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  return names.map((name) => {
    const room = name.split('/')[0]
    const path = join(folder, name)
    if (!rooms[room]) faults.push(`${path}: the room '${room}' is not in the list of rooms (scripts/check-layers.js)`)
    return { path, room, imports: importsOf(path) }
  })
}

function importsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, type, specifier = '']) => ({
    specifier,
    target: normalize(join(dirname(path), specifier)),
    isType: type !== undefined,
  }))
}
