// Runs the README's start command in a new data folder on a free port, waits until the cluster answers, runs one task
// through the CLI as a user would, and stops it with Ctrl-C's signal. Exits 0 when all of that went well.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'tako-start-'))
const dataDir = join(folder, 'data')
const port = await freePort()
const started = Date.now()
const cluster = spawn('npm', ['start', '--', '--port', String(port), '--data-dir', dataDir], {
  stdio: 'inherit',
  detached: true,
})
let code = 1
try {
  await until(
    90,
    'the front door answers its ping with 200',
    async () => (await fetch(`http://localhost:${port}/api/octopusservernodes/ping`)).status === 200,
  )
  console.log(`the cluster answered after ${((Date.now() - started) / 1000).toFixed(1)} s`)
  const output = tako('task', 'run', 'echo "a task of $TAKO_NODE"', '--follow')
  if (!output.includes('a task of node-')) throw new Error(`the task did not print what it should: ${output}`)
  const nodes = JSON.parse(tako('node', 'list', '--json')).Nodes
  if (nodes.length !== 3 || nodes.some((node) => node.IsOffline))
    throw new Error(`three nodes should be online: ${JSON.stringify(nodes)}`)
  code = 0
} catch (error) {
  console.error(error.message)
} finally {
  process.kill(-cluster.pid, 'SIGINT')
  await Promise.race([
    once(cluster, 'exit'),
    sleep(30_000, undefined, { ref: false }).then(() => process.kill(-cluster.pid, 'SIGKILL')),
  ])
  rmSync(folder, { recursive: true, force: true })
}
process.exit(code)

function tako(...args) {
  const environment = {
    ...process.env,
    TAKO_URL: `http://localhost:${port}`,
    TAKO_PASSWORD: readFileSync(join(dataDir, 'admin-password'), 'utf8').trim(),
  }
  const login = spawnSync('npx', ['tako', 'login', '--username', 'admin'], {
    env: { ...environment, HOME: folder },
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (login.status !== 0) throw new Error(`tako login failed: ${login.stdout}${login.stderr}`)
  const { status, stdout, stderr } = spawnSync('npx', ['tako', ...args], {
    env: { ...environment, HOME: folder },
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status !== 0) throw new Error(`tako ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

async function until(seconds, what, condition) {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    if (cluster.exitCode !== null) throw new Error(`npm start ended with ${cluster.exitCode}`)
    if (await condition().catch(() => false)) return
    await sleep(200)
  }
  throw new Error(`not within ${seconds} s: ${what}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address()
  server.close()
  return free
}
