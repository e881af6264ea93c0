import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** An installation of Tako that differs from the one under test in the build of its console. */
export interface OtherBuild {
  readonly root: string
  remove(): void
}

/** Copies the installation, with other names for all files of the console whose names change with their content. */
export function createOtherBuild(): OtherBuild {
  const root = mkdtempSync(join(tmpdir(), 'tako-other-build-'))
  for (const name of ['bin', 'dist']) cpSync(join(ROOT, name), join(root, name), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const web = join(root, 'dist', 'web')
  const assets = join(web, 'assets')
  mkdirSync(assets, { recursive: true })
  const names = readdirSync(assets).filter((name) => !name.endsWith('.gz'))
  rewrite(join(web, 'index.html'), names)
  for (const name of names) {
    rewrite(join(assets, name), names)
    renameSync(join(assets, name), join(assets, otherName(name)))
    rmSync(join(assets, `${name}.gz`), { force: true })
  }
  for (const name of readdirSync(assets)) {
    writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name))))
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}

function otherName(name: string): string {
  return name.replace(/(\.\w+)$/, '-other$1')
}

function rewrite(path: string, names: readonly string[]): void {
  let text = readFileSync(path, 'utf8')
  for (const name of names) text = text.replaceAll(name, otherName(name))
  writeFileSync(path, text)
}
