import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Where a process runs, so that its death can be known for certain later, from the same place. */
export interface ProcessPlace {
  /** Names the machine: its host name, and a digest of what tells it from a copy. */
  machine: string
  /** Names one boot of the machine's kernel, and the process namespace in which `pid` counts. */
  boot: string
  pid: number
  /** When the process began, in the kernel's words: numbers are given out again. */
  processStart: string
}

/** Where this process runs. What cannot be found out is replaced by what equals nothing, so that it never proves anything. */
export function readProcessPlace(): ProcessPlace {
  const bootId = readText('/proc/sys/kernel/random/boot_id') ?? randomUUID()
  return {
    machine: `${hostname()} ${machineDigest() ?? randomUUID().slice(0, 12)}`,
    boot: `${bootId} ${processNamespace() ?? randomUUID()}`,
    pid: process.pid,
    processStart: processStartOf(process.pid) ?? randomUUID(),
  }
}

/** How a process is known to be dead; `process` is certain at once, `boot` is when it has not beaten for a moment either. */
export interface KnownDeath {
  by: 'process' | 'boot'
  cause: string
}

/**
 * Why the process that was recorded at `place` must be dead, as seen from `here`: its number is gone, or given to another,
 * in the same boot and namespace; or the same machine has booted since. Undefined when it may be alive.
 */
export function deathAsSeenFrom(here: ProcessPlace, place: ProcessPlace): KnownDeath | undefined {
  if (place.boot === here.boot) {
    const cause = `its process ${place.pid} on ${place.machine} is gone.`
    return isGone(place) ? { by: 'process', cause } : undefined
  }
  const [, hereNamespace] = here.boot.split(' ')
  const [, namespace] = place.boot.split(' ')
  const hasRebooted = place.machine === here.machine && namespace === hereNamespace
  return hasRebooted ? { by: 'boot', cause: `its machine ${place.machine} was restarted.` } : undefined
}

/** The signal 0 finds a process also where /proc hides those of other users. */
function isGone({ pid, processStart }: ProcessPlace): boolean {
  const start = processStartOf(pid)
  if (start !== undefined) return start !== processStart
  try {
    process.kill(pid, 0)
    return isZombie(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

/** The start of a living process in clock ticks since boot; undefined when there is none, a zombie included. */
function processStartOf(pid: number): string | undefined {
  const fields = processFields(pid)
  return fields === undefined || isDeadState(fields[0]) ? undefined : fields[19]
}

function isZombie(pid: number): boolean {
  const fields = processFields(pid)
  return fields !== undefined && isDeadState(fields[0])
}

function isDeadState(state: string | undefined): boolean {
  return state === 'Z' || state === 'X'
}

/** The fields after the name, which stands in brackets and may itself hold blanks and brackets. */
function processFields(pid: number): string[] | undefined {
  const line = readText(`/proc/${pid}/stat`)
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')
}

function processNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}

/**
 * A copied disk brings along the machine id, so the addresses of the network cards count as well; where there are none (a
 * container) there is no digest, since an image's machine id says nothing.
 */
function machineDigest(): string | undefined {
  const addresses = networkCards().map((card) => readText(`/sys/class/net/${card}/address`) ?? '')
  const ids = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid'].map((path) => readText(path) ?? '')
  if (addresses.length === 0) return undefined
  return createHash('sha256')
    .update([...ids, ...addresses].join('\n'))
    .digest('hex')
    .slice(0, 12)
}

/** Those of hardware, real or virtual: bridges and the like get new addresses with each boot. */
function networkCards(): string[] {
  try {
    return readdirSync('/sys/class/net')
      .filter((card) => existsSync(`/sys/class/net/${card}/device`))
      .sort()
  } catch {
    return []
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
