// Compiles src into dist, and removes from dist what src no longer has, so that a stale module can never be loaded; builds
// the web console into dist/web.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildWeb, isOfWeb } from './build-web.js'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
for (const room of existsSync('dist') ? readdirSync('dist', { withFileTypes: true }) : []) {
  if (!room.isDirectory() || isOfWeb(room.name)) continue
  for (const name of readdirSync(`dist/${room.name}`, { recursive: true, encoding: 'utf8' })) {
    const file = `${room.name}/${name}`
    const source = `src/${file.replace(/\.js(\.map)?$/, '.ts')}`
    if (/\.js(\.map)?$/.test(file) && !existsSync(source)) rmSync(`dist/${file}`, { force: true })
  }
}
const compiler = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
const ends = await Promise.allSettled([once(compiler, 'exit'), buildWeb()])
for (const { reason } of ends) if (reason) console.error(reason.message)
process.exit(ends.every(({ status }) => status === 'fulfilled') ? (compiler.exitCode ?? 1) : 1)
