import { fork } from 'node:child_process'
import { once } from 'node:events'
import { sleep } from './clock.js'

const alive = new Set()

/** A process of ours that answers calls over its channel (see `serveParent`). */
export class Child {
  #process
  #calls = new Map()
  #nextCall = 1
  #ended
  count = 0
  /** Called with the id of a task that has started, and when. */
  onStart = () => {}

  constructor(file, args, options = {}) {
    this.#process = fork(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...options })
    alive.add(this)
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => {
      alive.delete(this)
      for (const { reject } of this.#calls.values()) reject(new Error(`${file} has ended (${signal ?? code})`))
    })
    this.ready = new Promise((resolve, reject) => {
      this.#process.on('message', (message) => this.#receive(message, resolve))
      void this.#ended.then(() => reject(new Error(`${file} ended before it was ready`)))
    })
    // Whoever waits for it is told; nobody may be waiting yet
    this.ready.catch(() => {})
  }

  get pid() {
    return this.#process.pid
  }

  #receive(message, ready) {
    if (message.ready) ready()
    else if (message.count !== undefined) this.count = message.count
    else if (message.started !== undefined) this.onStart(message.started, message.at)
    else if (message.call !== undefined) {
      const { resolve, reject } = this.#calls.get(message.call)
      this.#calls.delete(message.call)
      if (message.error === undefined) resolve(message.result)
      else reject(new Error(message.error))
    }
  }

  /** Calls a method over there; resolves with its result. */
  call(method, ...args) {
    return new Promise((resolve, reject) => {
      const call = this.#nextCall
      this.#nextCall += 1
      this.#calls.set(call, { resolve, reject })
      this.#process.send({ call, method, args }, (error) => error && reject(error))
    })
  }

  /** Ends the process: by SIGTERM when `patienceMs` is given, after that by SIGKILL. Resolves when it is gone. */
  async end(patienceMs = 0) {
    if (!alive.has(this)) return
    if (patienceMs > 0) {
      this.#process.kill('SIGTERM')
      await Promise.race([this.#ended, sleep(patienceMs)])
    }
    if (alive.has(this)) this.#process.kill('SIGKILL')
    await this.#ended
  }
}

/** Ends whatever child is left. */
export async function endChildren() {
  await Promise.all([...alive].map((child) => child.end()))
}
