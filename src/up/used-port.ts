import { ConfigurationError, messageOf } from '../lib/errors.ts'
import { tryListen } from './free-port.ts'

/** Says in one sentence why one cannot listen there. */
export function listenFault(error: unknown, port: number, host: string, whose: string): ConfigurationError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return new ConfigurationError(sentence(), { cause: error })

  function sentence(): string {
    if (code === 'EADDRINUSE')
      return `Port ${port}, meant for ${whose}, is in use by another program: stop that one, or choose other ports with --port.`
    if (code === 'EACCES')
      return `This user may not listen on port ${port}, meant for ${whose}: choose ports from 1024 on with --port.`
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      return `This machine has no address ${host} for ${whose} to listen on: choose another one.`
    return `Cannot listen on port ${port} of ${host} for ${whose}: ${messageOf(error)}.`
  }
}

/** Refuses ports that are in use. */
export async function checkPorts(ports: readonly { port: number; host: string; whose: string }[]): Promise<void> {
  for (const { port, host, whose } of ports) {
    await tryListen(port, host).catch((error: unknown) => {
      throw listenFault(error, port, host, whose)
    })
  }
}
