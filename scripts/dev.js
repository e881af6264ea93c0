// Compiles on every change and starts the local cluster anew when the compiled code has changed. Options after -- go to `tako up`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']
const first = spawn(process.execPath, tsc, { stdio: 'inherit' })
await once(first, 'exit')

const compiler = spawn(process.execPath, [...tsc, '--watch', '--preserveWatchOutput'], { stdio: 'inherit' })
let cluster = start()
let timer
watch('dist', { recursive: true }, (_event, file) => {
  if (!String(file).endsWith('.js')) return
  clearTimeout(timer)
  timer = setTimeout(restart, 500)
})

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
    compiler.kill()
    if (cluster.exitCode === null) {
      if (signal === 'SIGTERM') cluster.kill(signal)
      await once(cluster, 'exit')
    }
    process.exit(0)
  })
}
