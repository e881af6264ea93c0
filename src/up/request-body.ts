import { Readable } from 'node:stream'

/**
 * A request's body that takes nothing from `source` before somebody reads it, and never destroys `source`: a request that
 * could not be delivered can be sent again, and its sender still gets an answer. What is left unread is thrown away.
 */
export function lazyBody(source: Readable): Readable {
  let isReading = false
  const body = new Readable({
    read() {
      if (isReading) {
        source.resume()
        return
      }
      isReading = true
      source.on('data', (chunk: unknown) => {
        if (!body.destroyed && !body.push(chunk)) source.pause()
      })
      source.once('end', () => body.push(null))
      source.once('error', (error) => body.destroy(error))
      source.once('close', () => {
        if (!source.readableEnded) body.destroy(new Error('the sender has gone away'))
      })
    },
    destroy(error, callback) {
      if (isReading) source.resume()
      callback(error)
    },
  })
  return body
}
