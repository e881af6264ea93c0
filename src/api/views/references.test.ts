import { expect, test } from 'vitest'
import { escapeHtml, referencesIn } from './references.ts'

test('documents are found in a sentence by id, nodes also by name, and never inside a longer name', () => {
  const message = 'ServerTasks-12 of node-a2 was lost with node-a; ServerTasks-1 goes on'
  const references = referencesIn(message, ['OctopusServerNodes-node-a', 'ServerTasks-1', 'Users-1'])
  expect(references.map(({ StartIndex, Length }) => message.slice(StartIndex, StartIndex + Length))).toEqual([
    'node-a',
    'ServerTasks-1',
  ])
  expect(references[0]).toEqual({ ReferencedDocumentId: 'OctopusServerNodes-node-a', StartIndex: 40, Length: 6 })
})

test('a sentence is made harmless for HTML', () => {
  expect(escapeHtml(`<b onclick='x'>"&`)).toBe('&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;')
})
