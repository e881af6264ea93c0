import { expect, test } from 'vitest'
import { syntaxOf } from './script-syntax.ts'

test.each([
  ['echo', '', 'Bash'],
  ['print()', '.PY', 'Python'],
  ['Get-Date', '.ps1', 'PowerShell'],
  ['#!/usr/bin/env python3\nprint()', '', 'Python'],
  ['#!/usr/bin/pwsh\nGet-Date', '', 'PowerShell'],
  ['#!/usr/bin/env python3', '.sh', 'Bash'],
  ['echo python', '', 'Bash'],
])('%j in a file with the extension %j is %s', (script, extension, syntax) => {
  expect(syntaxOf(script, extension)).toBe(syntax)
})
