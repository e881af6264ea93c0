// Compiles on every change and starts the local cluster anew when the compiled code has changed; serves the web console
// from its sources, with changes in the browser at once. Options after -- go to `tako up`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildWeb, isOfWeb } from './build-web.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']
const first = spawn(process.execPath, tsc, { stdio: 'inherit' })
await Promise.all([once(first, 'exit'), buildWeb()])

// In a process group of its own, since it is a program that starts another.
const compiler = spawn(process.execPath, [...tsc, '--watch', '--preserveWatchOutput'], {
  stdio: 'inherit',
  detached: true,
})
let cluster = start()
let timer
watch('dist', { recursive: true }, (_event, file) => {
  if (!String(file).endsWith('.js') || isOfWeb(String(file))) return
  clearTimeout(timer)
  timer = setTimeout(restart, 500)
})

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } }, strict: false })
const web = spawn(
  process.execPath,
  ['node_modules/vite/bin/vite.js', '--config', 'web/vite.config.ts', '--clearScreen', 'false'],
  {
    stdio: 'inherit',
    env: { ...process.env, TAKO_URL: `http://localhost:${values.port}` },
  },
)

function start() {
  return spawn(process.execPath, ['bin/tako.js', 'up', ...process.argv.slice(2)], { stdio: 'inherit' })
}

async function restart() {
  const old = cluster
  if (old.exitCode === null && old.signalCode === null) {
    old.kill('SIGTERM')
    await once(old, 'exit')
  }
  cluster = start()
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    if (compiler.exitCode === null && compiler.pid !== undefined) process.kill(-compiler.pid)
    web.kill()
    if (cluster.exitCode === null) {
      if (signal === 'SIGTERM') cluster.kill(signal)
      await once(cluster, 'exit')
    }
    process.exit(0)
  })
}
