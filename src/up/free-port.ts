import { createServer } from 'node:net'

/** Whether nobody listens on this address now; false also when this process may not listen there. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return tryListen(port, host).then(
    () => true,
    () => false,
  )
}

/** A port on which nobody listens now. */
export function findFreePort(host: string): Promise<number> {
  return tryListen(0, host)
}

/** Listens for a moment. Resolves with the port, rejects with the reason (`EADDRINUSE`, `EACCES`, ...). */
export function tryListen(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}
