import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findInterpreter, findOnPath, scriptFileName } from './interpreters.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-path-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('finds the first program of that name that may be executed', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  for (const each of [first, second]) mkdirSync(each)
  mkdirSync(join(first, 'pwsh'))
  writeFileSync(join(second, 'pwsh'), '#!/bin/sh\n')
  expect(await findOnPath('pwsh', `${first}:${second}`)).toBeUndefined()
  chmodSync(join(second, 'pwsh'), 0o755)
  expect(await findOnPath('pwsh', `:relative:${first}:${second}`)).toBe(join(second, 'pwsh'))
})

test('a syntax is run by its interpreter, with nothing of the user in its way', async () => {
  for (const name of ['bash', 'python3', 'pwsh']) symlinkSync('/bin/sh', join(folder, name))
  const commandOf = async (syntax: 'Bash' | 'Python' | 'PowerShell') => {
    const found = await findInterpreter(syntax, 'node-a', folder)
    return 'command' in found ? found.command : found.missing
  }
  expect(await commandOf('Bash')).toEqual([join(folder, 'bash'), '--noprofile', '--norc'])
  expect(await commandOf('Python')).toEqual([join(folder, 'python3'), '-u'])
  expect(await commandOf('PowerShell')).toEqual([
    join(folder, 'pwsh'),
    '-NoLogo',
    '-NoProfile',
    '-NonInteractive',
    '-File',
  ])
  expect(scriptFileName('PowerShell')).toBe('script.ps1')
})

test('what is missing is said with the name of the server and what to do', async () => {
  expect(await findInterpreter('PowerShell', 'node-a', folder)).toEqual({
    missing:
      'The server node-a has no PowerShell (pwsh) on its PATH, so it cannot run this script. Install pwsh there, or write the script in a language that every server has, such as Bash.',
  })
})
