import { fastifySwagger, type StaticDocumentSpec } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { describeApi } from './openapi.ts'
import type { Operation } from './operation.ts'

/** `/api/openapi.json`, and `/api/docs` for people, whose page and scripts come from this node and nowhere else. */
export async function registerDocumentation(
  app: FastifyInstance,
  { operations }: { operations: readonly Operation[] },
): Promise<void> {
  const document = describeApi(operations)
  app.get('/api/openapi.json', async () => document)
  await app.register(fastifySwagger, {
    mode: 'static',
    specification: { document: document as StaticDocumentSpec['document'] },
  })
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: PAGE_POLICY,
    uiConfig: { docExpansion: 'list', deepLinking: true, displayRequestDuration: true },
    theme: {
      title: 'Tako: the HTTP API',
      css: [{ filename: 'no-top-bar.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  })
}

/** The page's scripts are files of this node; only its styles are partly inline, and its pictures partly data. */
const PAGE_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
}
