import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { type NodeHealth, readPing } from './node-health.ts'

const ANSWER_LIMIT_MS = 2000

/**
 * Asks a node once; `unanswered` when it takes the question and says nothing for 2 s. Not by `fetch`, which refuses to
 * talk to some ports that a node may well have.
 */
export function pingNode(url: string, signal: AbortSignal): Promise<NodeHealth | 'unanswered'> {
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS)
  return new Promise((resolve) => {
    const giveUp = () => resolve(limit.aborted ? 'unanswered' : 'silent')
    const request = get(`${url}/api/octopusservernodes/ping`, {
      agent: false,
      signal: AbortSignal.any([signal, limit]),
    })
    request.once('error', giveUp)
    request.once('response', (response) => {
      text(response).then((body) => resolve(readPing(response.statusCode ?? 0, body)), giveUp)
    })
  })
}
