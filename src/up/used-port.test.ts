import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { findFreePort, isPortFree } from './free-port.ts'
import { checkPorts, listenFault } from './used-port.ts'

test('a used port is refused with its number and whose it was to be, also when it is used on all addresses', async () => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await isPortFree(port, '127.0.0.1')).toBe(false)
  await expect(checkPorts([{ port, host: '127.0.0.1', whose: 'node-b' }])).rejects.toThrow(
    `Port ${port}, meant for node-b, is in use by another program: stop that one, or choose other ports with --port.`,
  )
  server.close()
  await once(server, 'close')
  await checkPorts([{ port, host: '127.0.0.1', whose: 'node-b' }])
})

test('a free port can be listened on', async () => {
  expect(await isPortFree(await findFreePort('127.0.0.1'), '127.0.0.1')).toBe(true)
})

test.each([
  ['EACCES', 'This user may not listen on port 80, meant for the cluster: choose ports from 1024 on with --port.'],
  ['EADDRNOTAVAIL', 'This machine has no address 192.0.2.1 for the cluster to listen on: choose another one.'],
])('%s is one sentence', (code, sentence) => {
  expect(listenFault(Object.assign(new Error('x'), { code }), 80, '192.0.2.1', 'the cluster').message).toBe(sentence)
})
