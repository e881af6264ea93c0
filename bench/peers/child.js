// A process of a peer: `node child.js producer|worker SYSTEM DATABASE_URL SETTINGS`, on the Node of this folder.
import { now } from '../lib/clock.js'
import { createReporter, serveParent } from '../lib/serve.js'

const [role, system, url, json] = process.argv.slice(2)
const { createProducer, createWorker } = await import(`./${system}.js`)
const settings = JSON.parse(json)

if (role === 'worker') {
  serveParent(await createWorker(url, settings, createReporter(settings.eachStart)))
} else {
  const producer = await createProducer(url, settings)
  serveParent({
    ...producer,
    /** Adds one task; answers with the moments of the call and of its return, at which the task is committed. */
    async add(id) {
      const calledAt = now()
      await producer.add(id)
      return { calledAt, committedAt: now() }
    },
  })
}
