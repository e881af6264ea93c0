import { expect, test } from 'vitest'
import { chooseBaseUrl, isLoopback } from './base-url.ts'

test('the option wins over the environment, and the address of tako up is the last resort', () => {
  expect(chooseBaseUrl('https://a.example', { TAKO_URL: 'https://b.example' })).toBe('https://a.example')
  expect(chooseBaseUrl(undefined, { TAKO_URL: 'https://b.example' })).toBe('https://b.example')
  expect(chooseBaseUrl(undefined, { TAKO_URL: '' })).toBe('http://localhost:8080')
})

test.each([
  ['localhost:8081', 'http://localhost:8081'],
  ['HTTPS://Tako.Example/', 'https://tako.example'],
  ['https://example.org/tako/api/', 'https://example.org/tako'],
  ['https://example.org/app', 'https://example.org'],
  ['[::1]:8080', 'http://[::1]:8080'],
])('%s is read as %s', (text, url) => {
  expect(chooseBaseUrl(text, {})).toBe(url)
})

test.each(['ftp://a.example', 'http://', 'not an address', 'https://user:secret@a.example'])(
  '%s is refused as wrong usage',
  (text) => {
    expect(() => chooseBaseUrl(text, {})).toThrow(expect.objectContaining({ exitCode: 2 }))
  },
)

test('only addresses of this machine are loopback', () => {
  for (const url of ['http://localhost:8080', 'http://127.0.0.1:1', 'http://127.9.9.9', 'http://[::1]:8080']) {
    expect(isLoopback(url)).toBe(true)
  }
  for (const url of ['http://10.0.0.1', 'http://localhost.example.org', 'http://127.0.0.1.example.org']) {
    expect(isLoopback(url)).toBe(false)
  }
})
