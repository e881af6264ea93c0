import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** SHA-256: enough for look-up of a secret that was drawn at random from 2^160 or more. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest()
}

/** A session's id or CSRF token: 256 random bits, safe in a cookie and in a header. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A password that nobody has to remember for long: 120 random bits in letters and digits that are hard to mistake. */
export function createPassword(): string {
  return letters(randomBytes(24), 'abcdefghijkmnpqrstuvwxyz23456789').match(/.{6}/g)?.join('-') ?? ''
}

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const KEY_RANDOM_BYTES = 32
const CHECKSUM_LETTERS = 6

/** A new API key: `API-`, 32 random letters (160 bits), and 6 of checksum by which a scanner knows a leaked key from a look-alike. */
export function createApiKey(): string {
  const random = letters(randomBytes(KEY_RANDOM_BYTES), KEY_LETTERS)
  return `API-${random}${checksum(random)}`
}

/** True for a key whose last letters are the checksum of the others. Keys given from outside have none. */
export function hasKeyChecksum(key: string): boolean {
  const random = key.slice('API-'.length, -CHECKSUM_LETTERS)
  return key === `API-${random}${checksum(random)}`
}

/** What a key must look like: clients refuse any other before they send it. */
export function isApiKey(text: string): boolean {
  return /^API-[A-Z\d]{1,200}$/.test(text)
}

/** What is shown of a key when the key itself is no longer known. */
export function keyHint(key: string): string {
  return `${key.slice(0, 8)}...`
}

/** Each byte chooses one of 32 letters by five of its bits, so every letter is equally likely. */
function letters(bytes: Uint8Array, alphabet: string): string {
  return Array.from(bytes, (byte) => alphabet.charAt(byte & 31)).join('')
}

function checksum(text: string): string {
  const sum = crc32(text)
  return Array.from({ length: CHECKSUM_LETTERS }, (_, at) => KEY_LETTERS.charAt((sum >>> (5 * at)) & 31)).join('')
}
