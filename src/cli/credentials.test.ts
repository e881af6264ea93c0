import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { credentialsFile, forgetLogin, readSavedLogin, saveLogin } from './credential-store.ts'
import { chooseCredential } from './credentials.ts'
import { processSurroundings, type Surroundings } from './surroundings.ts'

const LOCAL = 'http://localhost:8080'
const login = { apiKey: 'API-SAVED', apiKeyId: 'APIKeys-1', userId: 'Users-1', username: 'admin' }

let folder: string
let surroundings: Surroundings

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tako-credentials-'))
  surroundings = { ...processSurroundings(), env: {}, cwd: folder, home: folder }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function leavePassword(): void {
  mkdirSync(join(folder, '.tako'))
  writeFileSync(join(folder, '.tako', 'admin-password'), 'secret\n')
}

test('the option wins over the environment, that over the saved login, that over the password of a local cluster', () => {
  leavePassword()
  expect(chooseCredential(undefined, LOCAL, surroundings)).toMatchObject({
    kind: 'password',
    username: 'admin',
    password: 'secret',
  })
  saveLogin(LOCAL, login, surroundings)
  expect(chooseCredential(undefined, LOCAL, surroundings)).toMatchObject({ kind: 'key', apiKey: 'API-SAVED' })
  const withKey = { ...surroundings, env: { TAKO_API_KEY: 'API-ENVIRONMENT' } }
  expect(chooseCredential(undefined, LOCAL, withKey)).toMatchObject({ kind: 'key', apiKey: 'API-ENVIRONMENT' })
  expect(chooseCredential('API-OPTION', LOCAL, withKey)).toMatchObject({ kind: 'key', apiKey: 'API-OPTION' })
})

test('the password of a local cluster is never sent to another machine', () => {
  leavePassword()
  expect(chooseCredential(undefined, 'https://tako.example', surroundings)).toEqual({ kind: 'none' })
})

test('a saved login is used for its own server only', () => {
  saveLogin('https://tako.example', login, surroundings)
  expect(chooseCredential(undefined, LOCAL, surroundings)).toEqual({ kind: 'none' })
})

test.each(['api-lower', 'API-', 'secret', 'API-A\nX: y'])('%j is refused as no API key', (key) => {
  expect(() => chooseCredential(key, LOCAL, surroundings)).toThrow(expect.objectContaining({ exitCode: 2 }))
})

test('logins are kept for each server, readable by their owner only', () => {
  saveLogin(LOCAL, login, surroundings)
  saveLogin('https://tako.example', { ...login, username: 'other' }, surroundings)
  expect(statSync(credentialsFile(surroundings)).mode & 0o777).toBe(0o600)
  forgetLogin(LOCAL, surroundings)
  expect(readSavedLogin(LOCAL, surroundings)).toBeUndefined()
  expect(readSavedLogin('https://tako.example', surroundings)?.username).toBe('other')
  expect(readFileSync(credentialsFile(surroundings), 'utf8')).not.toContain('localhost')
})

test('a damaged file is told of, and what is no login in it is not taken for one', () => {
  mkdirSync(join(folder, '.config', 'tako'), { recursive: true })
  writeFileSync(credentialsFile(surroundings), '{"http://localhost:8080": {"apiKey": 5}}')
  expect(readSavedLogin(LOCAL, surroundings)).toBeUndefined()
  writeFileSync(credentialsFile(surroundings), '{')
  expect(() => readSavedLogin(LOCAL, surroundings)).toThrow(/damaged/)
})
