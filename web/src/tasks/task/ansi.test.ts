import { expect, test } from 'vitest'
import { withoutControls } from './ansi.ts'

test.each([
  ['plain', [{ text: 'plain' }]],
  [
    '\u001b[32mgreen\u001b[0m and \u001b[1;31mbold red',
    [{ text: 'green', colour: 'green' }, { text: ' and ' }, { text: 'bold red', colour: 'red', isBold: true }],
  ],
  ['\u001b[1mbold\u001b[22m not\u001b[39m', [{ text: 'bold', isBold: true }, { text: ' not' }]],
  [
    '\u001b[38;5;196mmany\u001b[38;2;1;2;3mmore\u001b[48;5;4mon blue',
    [{ text: 'many' }, { text: 'more' }, { text: 'on blue' }],
  ],
  ['\u001b[94mbright blue', [{ text: 'bright blue', colour: 'blue' }]],
  ['\u001b[2K\u001b[1Acleared\u001b[?25l', [{ text: 'cleared' }]],
  ['\u001b]0;title\u0007text \u001b]8;;http://a\u001b\\link', [{ text: 'text ' }, { text: 'link' }]],
  ['a\tb\u0008c\u0000\u009bd', [{ text: 'a\tbcd' }]],
  ['<img src=x onerror=alert(1)>', [{ text: '<img src=x onerror=alert(1)>' }]],
  ['\u001b', []],
])('%j is drawn without control sequences', (line, parts) => {
  expect(withoutControls(line)).toEqual(parts)
})
