import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { captureCli } from '../../test/support/captured-cli.ts'

/** A log of so many lines as the API serves it, by a server that may die in the middle and come back. */
const LINES = 9
let server: Server | undefined

afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))))

function entry(number: number) {
  const stream = number === 0 ? 'tako' : number % 4 === 3 ? 'error' : 'output'
  return { Number: number, Attempt: 1, At: '2026-03-01T12:00:00.000+00:00', Stream: stream, Text: `line ${number}` }
}

const task = {
  Id: 'ServerTasks-1',
  StartTime: null,
  CompletedTime: null,
  NodeName: 'node-a',
  WaitingBecause: null,
  NodeSilent: null,
}

test('following goes on from the same line after the node that answered has died', async () => {
  const asked: number[] = []
  let deaths = 0
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (!url.pathname.endsWith('/log')) {
      const over = asked.at(-1) === 6
      response.end(
        JSON.stringify({
          ...task,
          State: over ? 'Success' : 'Executing',
          IsCompleted: over,
          FinishedSuccessfully: over,
          ErrorMessage: '',
        }),
      )
      return
    }
    const from = Number(url.searchParams.get('from'))
    asked.push(from)
    if (from === 3 && deaths < 2) {
      deaths += 1
      response.writeHead(200, { 'content-length': '5000' })
      response.write('{"TaskId":"ServerTasks-1","From":3,"Lines":[')
      setTimeout(() => response.destroy(), 10)
      return
    }
    // The second node repeats an entry that was already shown.
    const first = from === 6 ? 5 : from
    const lines = Array.from({ length: from + 3 - first }, (_, index) => entry(first + index))
    response.end(
      JSON.stringify({
        TaskId: 'ServerTasks-1',
        From: first,
        Next: from + 3,
        TotalLines: LINES,
        IsCompleted: from === 6,
        State: 'Executing',
        Lines: lines,
      }),
    )
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const cli = captureCli()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { exitCode, stdout, stderr } = await cli.run(['task', 'log', '1', '--follow', '--url', url])
  cli.remove()
  expect(asked).toEqual([0, 3, 3, 3, 6])
  expect(stdout).toBe('line 1\nline 2\nline 4\nline 5\nline 6\nline 8\n')
  expect(stderr.match(/line \d/g)).toEqual(['line 0', 'line 3', 'line 7'])
  expect(stderr).toContain('trying again')
  expect(stderr).toContain('ServerTasks-1 Success')
  expect(exitCode).toBe(0)
})
