// One node of Tako with the product's kinds and the no-op kind: `node node.js each|count`, options from the environment.
// Tells its parent each start, or only how many there were.
import { createLog } from '../../dist/lib/log.js'
import { startNode } from '../../dist/server/node.js'
import { readServerOptions } from '../../dist/server/options.js'
import { productJobs, productKinds } from '../../dist/server/product.js'
import { createReporter, serveParent } from '../lib/serve.js'
import { noopKind } from './noop-kind.js'

const noop = noopKind(createReporter(process.argv[2] === 'each'))
const options = readServerOptions([], process.env)
const hurry = new AbortController()
const node = await startNode({
  options,
  kinds: (parts) => [...productKinds(parts), noop],
  jobs: productJobs,
  log: createLog(options.logLevel, { node: options.name }),
})

process.once('SIGTERM', () => void node.stop(hurry.signal).finally(() => process.exit(0)))
void node.ended.then((reason) => {
  process.stderr.write(`the node came to its end: ${reason?.stack ?? 'retired'}\n`)
  process.exit(1)
})
serveParent({})
