import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../lib/errors.ts'

/** How hard a hash is to compute. `logN` 17 with r 8 takes 128 MiB and some tenths of a second. */
export interface PasswordCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

export const defaultPasswordCost: PasswordCost = { logN: 17, r: 8, p: 1 }

/** The longest password that is read, in characters: hashing takes time that grows with it. */
export const LONGEST_PASSWORD = 1000

const KEY_BYTES = 32
const SALT_BYTES = 16

export interface PasswordHasher {
  /** The text to store: cost, salt and hash, `scrypt$ln=17,r=8,p=1$<salt>$<hash>`. */
  hash(password: string): Promise<string>
  /**
   * True when the password is the one behind the stored text. Without a stored text it takes as long and is false, so that
   * nobody learns from the time which accounts exist. `first` runs when its turn has come, and what it throws ends it.
   */
  verify(password: string, stored: string | undefined, first?: () => Promise<void>): Promise<boolean>
  /** True when the stored text was made at another cost than today's. */
  isOutdated(stored: string): boolean
}

/** Computations at once in the whole process: each takes memory and a thread that files and names also need. */
const AT_ONCE = 2
const WAITING_AT_MOST = 20

/** A hasher whose computations run off the main thread, two at a time; when too many wait it refuses with Unavailable. */
export function createPasswordHasher(cost: PasswordCost = defaultPasswordCost): PasswordHasher {
  const turn = createTurnstile(AT_ONCE, WAITING_AT_MOST)
  const nobody = format(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES))
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      return format(cost, salt, await turn(() => computeKey(password, salt, cost)))
    },
    async verify(password, stored, first) {
      const known = stored === undefined ? undefined : parse(stored)
      const { cost: at, salt, key } = known ?? parse(nobody) ?? unreadable()
      const computed = await turn(async () => {
        await first?.()
        return computeKey(password, salt, at)
      })
      return known !== undefined && timingSafeEqual(computed, key)
    },
    isOutdated(stored) {
      const at = parse(stored)?.cost
      return at?.logN !== cost.logN || at.r !== cost.r || at.p !== cost.p
    },
  }
}

function unreadable(): never {
  throw new Error('a password hash that was just written cannot be read')
}

function computeKey(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

function format({ logN, r, p }: PasswordCost, salt: Buffer, key: Buffer): string {
  return `scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64')}$${key.toString('base64')}`
}

function parse(stored: string): { cost: PasswordCost; salt: Buffer; key: Buffer } | undefined {
  const match = /^scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/=]+)\$([\w+/=]+)$/.exec(stored)
  const [, logN, r, p, salt, key] = match ?? []
  if (salt === undefined || key === undefined) return undefined
  const parsed = {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
  return parsed.key.length === KEY_BYTES ? parsed : undefined
}

type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

function createTurnstile(atOnce: number, waitingAtMost: number): Turnstile {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= waitingAtMost) {
        throw new Refusal(
          'Unavailable',
          'Too many logins are being checked on this node right now. Try again in a few seconds.',
          { details: { RetryAfterSeconds: 3 } },
        )
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      // The turn is handed on as it is, so that nobody who comes now can slip in before those who wait.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
