import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const web = fileURLToPath(new URL('..', import.meta.url))
const mantine = fileURLToPath(new URL('../../../node_modules/@mantine/core', import.meta.url))

/** The style sheets of Mantine that hold for everything, in their order. */
const COMMON = ['default-css-variables', 'baseline', 'global']

test('app/mantine.css imports the styles of every Mantine component that is used, and of what those are made of, and no others', () => {
  const needed = [...componentsBelow(entryFilesOf(namesUsed()))].filter(hasStyles)
  const wanted = [...COMMON, ...needed.sort(byPlaceInWhole)].map(
    (name) => `@import "@mantine/core/styles/${name}.css";`,
  )
  const imports = readFileSync(join(web, 'app', 'mantine.css'), 'utf8').match(/^@import "@mantine\/core.*$/gm) ?? []
  expect(imports).toEqual(wanted)
})

/** Everything that the console imports from Mantine by name. */
function namesUsed(): string[] {
  const sources = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  const names = sources.flatMap((name) =>
    [...readFileSync(join(web, name), 'utf8').matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap(
      ([, list = '']) => list.split(',').map((one) => one.trim()),
    ),
  )
  // Notifications are Mantine's own component on top of this one.
  return [...new Set([...names.filter((name) => name !== '' && !name.startsWith('type ')), 'Notification'])]
}

function entryFilesOf(names: readonly string[]): string[] {
  const index = readFileSync(join(mantine, 'esm', 'index.mjs'), 'utf8')
  return [...index.matchAll(/import \{([^}]*)\} from "(.*?)"/g)]
    .filter(([, list = '']) => list.split(',').some((one) => names.includes(one.trim().split(' as ').at(-1) ?? '')))
    .map(([, , file = '']) => resolve(mantine, 'esm', file))
}

/** The components whose files these files import, directly or not, themselves included. */
function componentsBelow(files: readonly string[]): Set<string> {
  const seen = new Set<string>()
  const waiting = [...files]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || !existsSync(file)) continue
    seen.add(file)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from "(\.[^"]*)"/g))
      waiting.push(resolve(dirname(file), path))
  }
  return new Set([...seen].flatMap((file) => /([A-Za-z]+)\.module\.mjs$/.exec(file)?.[1] ?? []))
}

function hasStyles(name: string): boolean {
  return existsSync(join(mantine, 'styles', `${name}.css`))
}

const whole = readFileSync(join(mantine, 'styles.css'), 'utf8')

/** Where styles stand in the whole sheet decides which of two equally strong rules holds. */
function byPlaceInWhole(one: string, other: string): number {
  return placeOf(one) - placeOf(other)
}

function placeOf(name: string): number {
  const [first = ''] = /\.m_[0-9a-z]+/.exec(readFileSync(join(mantine, 'styles', `${name}.css`), 'utf8')) ?? []
  return whole.indexOf(first)
}
