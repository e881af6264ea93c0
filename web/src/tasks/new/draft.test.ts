import { expect, test } from 'vitest'
import { draftOf, durationOfTimeSpan, EMPTY_DRAFT, readDraft } from './draft.ts'
import { faultsOf, faultsOfSentences, requestOf } from './request.ts'

const TASK = {
  Name: 'AdHocScript',
  Description: 'Back up',
  Arguments: {
    ScriptBody: 'echo "$1"\n',
    Syntax: 'Python',
    TargetType: 'OctopusServer',
    ScriptArguments: ['a b', ''],
    EnvironmentVariables: { MODE: 'full' },
  },
  TimeLimit: '01:30:00',
  Priority: 5,
}

test('a draft from a task asks for the same again', () => {
  const draft = draftOf(TASK)
  expect(faultsOf(draft)).toEqual({})
  expect(requestOf(draft)).toEqual({ ...TASK, TimeLimit: '1h30m' })
})

test('a description that the kind gave is not kept, and other kinds have no script', () => {
  const described = { ...TASK, Description: 'Run a Python script on the server', TimeLimit: null, Priority: 0 }
  expect(draftOf(described)).toMatchObject({ description: '', timeLimit: '', priority: '' })
  const retention = draftOf({ ...described, Name: 'Retention', Arguments: {} })
  expect(requestOf(retention)).toEqual({ Name: 'Retention', Description: 'Run a Python script on the server' })
})

test('durations as the form has them', () => {
  expect(durationOfTimeSpan('1.02:00:30')).toBe('1d2h30s')
  expect(durationOfTimeSpan('00:00:01.5000000')).toBe('1.5s')
})

test('a stored draft is read, anything else is not', () => {
  const draft = { ...EMPTY_DRAFT, script: 'echo', variables: [{ key: 0, name: 'A', value: 'b' }] }
  expect(readDraft(JSON.stringify(draft))).toEqual(draft)
  expect(readDraft(null)).toBeUndefined()
  expect(readDraft('{')).toBeUndefined()
  expect(readDraft(JSON.stringify({ ...draft, syntax: 'Perl' }))).toBeUndefined()
  expect(readDraft(JSON.stringify({ ...draft, variables: [1] }))).toBeUndefined()
})

test.each([
  [{ script: ' \n' }, 'script'],
  [{ variables: [{ key: 0, name: '1A', value: '' }] }, 'variables'],
  [{ variables: [{ key: 0, name: '', value: 'x' }] }, 'variables'],
  [{ variables: [{ key: 0, name: 'Tako_X', value: '' }] }, 'variables'],
  [{ variables: [0, 1].map((key) => ({ key, name: 'A', value: '' })) }, 'variables'],
  [{ timeLimit: '5 parsecs' }, 'timeLimit'],
  [{ timeLimit: '0s' }, 'timeLimit'],
  [{ expiry: 'soon' }, 'expiry'],
  [{ priority: '101' }, 'priority'],
  [{ priority: '1.5' }, 'priority'],
])('a fault that is seen at once: %j', (typed, field) => {
  expect(Object.keys(faultsOf({ ...EMPTY_DRAFT, script: 'echo', ...typed }))).toEqual([field])
})

test('empty rows of variables, and the limits of numbers, are no fault', () => {
  const variables = [{ key: 0, name: '', value: '' }]
  expect(
    faultsOf({ ...EMPTY_DRAFT, script: 'x', variables, priority: '-100', timeLimit: '90', expiry: '1h30m' }),
  ).toEqual({})
})

test('the sentences of the server stand beside their fields', () => {
  expect(
    faultsOfSentences([
      'ScriptBody is missing: give the text of the script.',
      'TimeLimit must be a duration.',
      'QueueTimeExpiry must leave the task some time.',
      'There is no leader.',
    ]),
  ).toEqual({
    faults: {
      script: 'ScriptBody is missing: give the text of the script.',
      timeLimit: 'TimeLimit must be a duration.',
      expiry: 'QueueTimeExpiry must leave the task some time.',
    },
    others: ['There is no leader.'],
  })
})
