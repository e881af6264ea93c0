import type { FastifyInstance, FastifyReply } from 'fastify'
import { type DrainStatus, type PingAnswer, type PingFacts, pingAnswer } from './ping.ts'

const PROBE_METHODS: ['GET', 'HEAD', 'OPTIONS'] = ['GET', 'HEAD', 'OPTIONS']

export const PING_PATH = '/api/octopusservernodes/ping'

/**
 * The three probes, for whoever asks, without login and without a query:
 * - `/api/octopusservernodes/ping`: what a load balancer asks; 200 exactly when it should send requests here
 * - `/readyz`: the same status, with the reason in words
 * - `/livez`: 200 as long as the process turns; never depends on the database, so that nobody restarts a healthy process
 */
export function registerPing(app: FastifyInstance, facts: () => PingFacts, drainStatus: DrainStatus = 418): void {
  app.route({
    method: PROBE_METHODS,
    url: PING_PATH,
    handler: (_request, reply) => {
      const answer = pingAnswer(facts(), drainStatus)
      return send(reply, answer, answer.body)
    },
  })
  app.route({
    method: PROBE_METHODS,
    url: '/readyz',
    handler: (_request, reply) => {
      const answer = pingAnswer(facts(), drainStatus)
      return send(reply, answer, { Status: answer.body.Status, Because: answer.because })
    },
  })
  app.route({
    method: PROBE_METHODS,
    url: '/livez',
    handler: (_request, reply) => reply.header('cache-control', 'no-store').send({ Status: 'Alive' }),
  })
}

function send(reply: FastifyReply, answer: PingAnswer, body: object): FastifyReply {
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', answer.retryAfterSeconds)
  return reply.code(answer.status).header('cache-control', 'no-store').send(body)
}
