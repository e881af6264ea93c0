import { createStore } from './store.ts'

/** True while requests wait for the user to sign in again. */
export const sessionHasEnded = createStore(false)

let waiting: { promise: Promise<void>; resolve(): void } | undefined

/** A request was answered with 401: opens the sign-in dialog, and resolves when the user has signed in again. */
export function sessionEnded(): Promise<void> {
  if (!waiting) {
    let resolve = () => {}
    const promise = new Promise<void>((done) => {
      resolve = done
    })
    waiting = { promise, resolve }
    sessionHasEnded.set(true)
  }
  return waiting.promise
}

/** Nobody will sign in again in place: what waited is dropped, and never answered. */
export function sessionIsGone(): void {
  waiting = undefined
  sessionHasEnded.set(false)
}

/** The user has signed in again: what waited goes on. */
export function sessionIsBack(): void {
  sessionHasEnded.set(false)
  waiting?.resolve()
  waiting = undefined
}
