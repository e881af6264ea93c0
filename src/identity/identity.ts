import type { Sql } from '../database/connect.ts'
import type { Hints } from '../database/hints.ts'
import type { Clock } from '../lib/clock.ts'
import { findKeyOwner, touchApiKey } from './api-keys.ts'
import type { CurrentUser } from './current-user.ts'
import { createPasswordHasher, defaultPasswordCost, type PasswordCost, type PasswordHasher } from './passwords.ts'
import { hashSecret } from './secrets.ts'
import { findSession, touchSession } from './sessions.ts'
import { defaultThrottleLimits, type ThrottleLimits } from './throttle.ts'

/** The part of identity that lives as long as the node: the rest are functions on the database. */
export interface Identity {
  readonly passwords: PasswordHasher
  readonly limits: ThrottleLimits
  /**
   * Who shows this secret, or undefined when nobody (any more). The answer is at most 1.5 s old: what is revoked on one
   * node is refused on every node within 2 s.
   */
  identify(secret: Secret): Promise<CurrentUser | undefined>
  /** Forgets what was read, so that the next request sees what this node has just changed. */
  forget(): void
  stop(): void
}

/** What a request brings, and from where. */
interface Secret {
  readonly kind: 'session' | 'key'
  readonly text: string
  readonly address: string | undefined
}

export interface IdentityOptions {
  sql: Sql
  clock: Clock
  hints: Hints
  /** The node's name, noted with each key's last use. */
  node: string
  passwordCost?: PasswordCost
  limits?: ThrottleLimits
}

/** How old an identity may be, counted from before it was asked for. */
const FRESH_MS = 1500
/** Beyond this many all are forgotten, which costs each one query. */
const REMEMBERED_AT_MOST = 10_000

interface Remembered {
  readonly askedAtMs: number
  readonly user: Promise<CurrentUser | undefined>
}

/** Starts with nothing remembered. An audit event anywhere in the cluster makes it forget early; that is a hint, not the guarantee. */
export function createIdentity(options: IdentityOptions): Identity {
  const { clock, hints } = options
  const remembered = new Map<string, Remembered>()
  const stopListening = hints.on((hint) => {
    if (hint.topic === 'event') remembered.clear()
  })
  return {
    passwords: createPasswordHasher(options.passwordCost ?? defaultPasswordCost),
    limits: options.limits ?? defaultThrottleLimits,
    identify(secret) {
      const hash = hashSecret(secret.text)
      const key = `${secret.kind} ${hash.toString('base64')}`
      const known = remembered.get(key)
      if (known && clock.monotonicMs() - known.askedAtMs < FRESH_MS) return known.user
      const asked = { askedAtMs: clock.monotonicMs(), user: ask(options, secret, hash) }
      remember(remembered, key, asked)
      return asked.user
    },
    forget: () => remembered.clear(),
    stop() {
      stopListening()
      remembered.clear()
    },
  }
}

/** Neither a stranger nor a failed question is remembered; requests that ask at the same moment share one answer. */
function remember(remembered: Map<string, Remembered>, key: string, asked: Remembered): void {
  if (remembered.size >= REMEMBERED_AT_MOST) remembered.clear()
  remembered.set(key, asked)
  const drop = () => {
    if (remembered.get(key) === asked) remembered.delete(key)
  }
  void asked.user.then((user) => (user ? undefined : drop()), drop)
}

async function ask({ sql, node }: IdentityOptions, secret: Secret, hash: Buffer): Promise<CurrentUser | undefined> {
  const found = await (secret.kind === 'session' ? findSession(sql, hash) : findKeyOwner(sql, hash))
  if (!found) return undefined
  const { user, isUseOld } = found
  if (isUseOld && user.credential.kind === 'session') await touchSession(sql, user.credential.idHash)
  if (isUseOld && user.credential.kind === 'key')
    await touchApiKey(sql, user.credential.id, { address: secret.address, node })
  return user
}
