#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
if (!existsSync(main)) {
  process.stderr.write('tako is not built yet: run "npm run build" in its folder.\n')
  process.exit(1)
}
const { runCli } = await import(main.href)
process.exitCode = await runCli(process.argv.slice(2))
