import { createHash } from 'node:crypto'

/**
 * How far a job's due times are shifted within its period: stable for a job of one installation, different between jobs
 * and installations, so that not everything everywhere starts at the full hour.
 */
export function jitterMs(job: string, installationId: string, everyMs: number): number {
  const hash = createHash('sha256').update(`${installationId}/${job}`).digest()
  return Number(hash.readBigUInt64BE() % BigInt(everyMs))
}
