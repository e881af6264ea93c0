// Compiles src into dist, and removes from dist what src no longer has, so that a stale module can never be loaded.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
if (existsSync('dist')) {
  for (const file of readdirSync('dist', { recursive: true })) {
    const source = `src/${String(file).replace(/\.js(\.map)?$/, '.ts')}`
    if (/\.js(\.map)?$/.test(String(file)) && !existsSync(source)) rmSync(`dist/${file}`)
  }
}
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
