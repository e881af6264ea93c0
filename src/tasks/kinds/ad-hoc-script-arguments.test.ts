import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../../lib/errors.ts'
import { MAX_BODY_BYTES, parseAdHocScriptArguments } from './ad-hoc-script-arguments.ts'

function refusalOf(input: Record<string, unknown>): Refusal {
  try {
    parseAdHocScriptArguments(input)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('it was accepted')
}

test('a body is enough: Bash, on the server', () => {
  expect(parseAdHocScriptArguments({ ScriptBody: 'echo' })).toEqual({
    ScriptBody: 'echo',
    Syntax: 'Bash',
    TargetType: 'OctopusServer',
    ScriptArguments: [],
    EnvironmentVariables: {},
  })
})

test('names and words count in any case, nulls as absent, unknown ones not at all', () => {
  const parsed = parseAdHocScriptArguments({
    scriptbody: 'print(1)',
    SYNTAX: 'python',
    targettype: 'octopusserver',
    MachineIds: null,
    EnvironmentIds: [],
    scriptArguments: ['a', ''],
    ENVIRONMENTVARIABLES: { Name: 'x', Nothing: null },
    Whatever: 7,
  })
  expect(parsed).toEqual({
    ScriptBody: 'print(1)',
    Syntax: 'Python',
    TargetType: 'OctopusServer',
    ScriptArguments: ['a', ''],
    EnvironmentVariables: { Name: 'x' },
  })
  expect(parseAdHocScriptArguments({ ScriptBody: 'x', TargetType: null, Syntax: null }).TargetType).toBe(
    'OctopusServer',
  )
})

test.each([
  [{}, 'ScriptBody is missing: give the text of the script.'],
  [{ ScriptBody: 5 }, 'ScriptBody must be a string.'],
  [{ ScriptBody: ' \n\t' }, 'ScriptBody is empty: give the text of the script.'],
  [{ ScriptBody: 'a\0b' }, 'ScriptBody holds U+0000 or half a surrogate pair, which no script can hold.'],
  [{ ScriptBody: 'a\ud800' }, 'ScriptBody holds U+0000 or half a surrogate pair, which no script can hold.'],
  [{ ScriptBody: 'x', Syntax: 'CSharp' }, 'Syntax CSharp cannot run on the server. Use Bash, Python or PowerShell.'],
  [{ ScriptBody: 'x', Syntax: 'fsharp' }, 'Syntax FSharp cannot run on the server. Use Bash, Python or PowerShell.'],
  [{ ScriptBody: 'x', Syntax: 'Perl' }, "Syntax must be Bash, Python or PowerShell, not 'Perl'."],
  [{ ScriptBody: 'x', Syntax: 7 }, "Syntax must be Bash, Python or PowerShell, not '7'."],
  [
    { ScriptBody: 'x', TargetType: 'Machines' },
    "TargetType 'Machines' is not supported: scripts run on the server itself, which is TargetType OctopusServer.",
  ],
  [
    { ScriptBody: 'x', TargetType: { a: '\n' } },
    'TargetType \'{"a":"\\n"}\' is not supported: scripts run on the server itself, which is TargetType OctopusServer.',
  ],
  [
    { ScriptBody: 'x', MachineIds: ['Machines-1'] },
    'MachineIds is not supported: scripts run on the server itself. Leave it out, or set TargetType to OctopusServer.',
  ],
  [{ ScriptBody: 'x', ScriptArguments: 'a b' }, 'ScriptArguments must be an array of strings.'],
  [{ ScriptBody: 'x', ScriptArguments: ['a', 1] }, 'ScriptArguments must be an array of strings.'],
  [{ ScriptBody: 'x', EnvironmentVariables: ['A=b'] }, 'EnvironmentVariables must be an object of names and strings.'],
  [{ ScriptBody: 'x', EnvironmentVariables: { A: 1 } }, 'EnvironmentVariables: the value of A must be a string.'],
  [
    { ScriptBody: 'x', EnvironmentVariables: { 'A-B': 'x' } },
    "EnvironmentVariables: 'A-B' is no name for a variable: use letters, digits and underscores, no digit first, at most 200.",
  ],
  [
    { ScriptBody: 'x', EnvironmentVariables: { tako_attempt: 'x' } },
    'EnvironmentVariables: tako_attempt is reserved: names that begin with TAKO_ are set by the server.',
  ],
  [
    { ScriptBody: 'x', EnvironmentVariables: { SHELLOPTS: 'x' } },
    'EnvironmentVariables: SHELLOPTS cannot be set: the shell keeps it for itself.',
  ],
  [
    { ScriptBody: 'x', EnvironmentVariables: { A: '\0' } },
    'EnvironmentVariables holds U+0000 or half a surrogate pair, which cannot be handed to a script.',
  ],
])('refuses %j', (input, sentence) => {
  const refusal = refusalOf(input)
  expect(refusal.code).toBe('BadRequest')
  expect(refusal.errors).toEqual([sentence])
  expect(refusal.message).toBe(sentence)
})

test('a body may have 1 MiB of UTF-8, and not a byte more', () => {
  const body = '€'.repeat(Math.floor(MAX_BODY_BYTES / 3)).padEnd(Math.floor(MAX_BODY_BYTES / 3) + 1, 'x')
  expect(Buffer.byteLength(body)).toBe(MAX_BODY_BYTES)
  expect(parseAdHocScriptArguments({ ScriptBody: body }).ScriptBody).toBe(body)
  expect(refusalOf({ ScriptBody: `${body}x` }).message).toBe(
    'ScriptBody has 1048577 bytes; at most 1048576 (1 MiB) are allowed.',
  )
})

test('arguments and variables have limits, and every fault is named', () => {
  const many = Array.from({ length: 1001 }, () => 'x')
  expect(refusalOf({ ScriptBody: 'x', ScriptArguments: many }).errors).toEqual([
    'ScriptArguments has 1001 entries; at most 1000 are allowed.',
  ])
  expect(refusalOf({ ScriptBody: 'x', ScriptArguments: ['x'.repeat(32_769)] }).errors[0]).toContain(
    'more than 32768 bytes',
  )
  const wide = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`V${i}`, 'x'.repeat(32_000)]))
  expect(refusalOf({ ScriptBody: 'x', EnvironmentVariables: wide }).errors[0]).toContain('bytes in all; at most 262144')
  expect(refusalOf({ Syntax: 'Perl', ScriptArguments: 1 }).errors).toHaveLength(3)
})

test('property: any JSON is read or refused with sentences', () => {
  const input = fc.record(
    {
      ScriptBody: fc.oneof(fc.string(), fc.jsonValue()),
      Syntax: fc.oneof(fc.constantFrom('Bash', 'Python', null), fc.jsonValue()),
      TargetType: fc.oneof(fc.constantFrom('OctopusServer', null), fc.jsonValue()),
      ScriptArguments: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
      EnvironmentVariables: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(input, (given) => {
      try {
        const parsed = parseAdHocScriptArguments(given as Record<string, unknown>)
        expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        expect(error.errors.every((sentence) => /^[A-Z].*\.$/s.test(sentence))).toBe(true)
      }
    }),
  )
})
