import { expect, test } from 'vitest'
import { sessionHeaders } from './session.ts'

test('a session is carried by its two cookies and the header that repeats one of them', () => {
  const cookies = [
    'OctopusIdentificationToken_1-2=secret; Path=/; HttpOnly',
    'Octopus-Csrf-Token_1-2=a%2Bb; Path=/',
    'Balancer=node-b; Path=/',
  ]
  expect(sessionHeaders(cookies)).toEqual({
    cookie: 'OctopusIdentificationToken_1-2=secret; Octopus-Csrf-Token_1-2=a%2Bb',
    'x-octopus-csrf-token': 'a+b',
  })
})
