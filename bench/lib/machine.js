import { readdirSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { now, sleep } from './clock.js'
import { round } from './statistics.js'

const TICKS_PER_SECOND = 100

/** What a reader needs to know about the machine to judge the figures. */
export function describeMachine() {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    system: `${type()} ${release()}`,
  }
}

/** Share of the machine's processors that is busy, over a while. */
async function busyOver(ms) {
  const before = machineTicks()
  await sleep(ms)
  const after = machineTicks()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}

let patienceSeconds = 40

/** How long `quietMoment` waits at most. */
export function setPatience(seconds) {
  patienceSeconds = seconds
}

/** The machine may be shared: waits for a quiet second, but not for ever. Resolves with how busy the last second was. */
export async function quietMoment() {
  let busy = await busyOver(1000)
  for (let waited = 1; busy >= 0.12 && waited < patienceSeconds; waited += 1) busy = await busyOver(1000)
  return round(busy, 2)
}

/**
 * Starts watching who uses the processors. The function it returns ends the watch: `foreign` is the share of the machine
 * used by processes that are not descendants of this one, `busy` the share used by anybody; `cpuSeconds` is what ours
 * used, `postgresSeconds` the database server's part of that. Only processes that live to the end of the watch count.
 */
export function watchLoad() {
  const machineBefore = machineTicks()
  const ownBefore = ownProcesses()
  return () => {
    const machine = machineTicks()
    let ours = 0
    let postgres = 0
    for (const { pid, command, ticks } of ownProcesses().values()) {
      const used = ticks - (ownBefore.get(pid)?.ticks ?? 0)
      ours += used
      if (command === 'postgres') postgres += used
    }
    const all = machine.all - machineBefore.all
    return {
      foreign: round(Math.max(0, (machine.working - machineBefore.working - ours) / all), 2),
      busy: round(1 - (machine.idle - machineBefore.idle) / all, 2),
      cpuSeconds: round(ours / TICKS_PER_SECOND, 2),
      postgresSeconds: round(postgres / TICKS_PER_SECOND, 2),
    }
  }
}

function machineTicks() {
  const [line] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user, nice, system, idle, wait, ...rest] = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const working = user + nice + system
  return { working, idle: idle + wait, all: working + idle + wait + rest.reduce((sum, ticks) => sum + ticks, 0) }
}

/** This process and everything below it. */
function ownProcesses() {
  const processes = new Map(readProcesses().map((found) => [found.pid, found]))
  const isOurs = (found) => found && (found.pid === process.pid || isOurs(processes.get(found.parent)))
  return new Map([...processes].filter(([, found]) => isOurs(found)))
}

function readProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
}

/** Command, parent and processor ticks (all threads) of a process; undefined when it is gone. */
function readProcess(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const command = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    return { pid, command, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}

/** Seconds of processor time a process has used so far, all its threads together. */
export function processorSeconds(pid) {
  const found = readProcess(pid)
  if (!found) throw new Error(`process ${pid} is gone`)
  return found.ticks / TICKS_PER_SECOND
}

/** Resident memory of a process in MB (10^6 bytes). */
export function residentMb(pid) {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number(kb) * 1024) / 1e6
}

/** Samples the resident memory of a process until stopped; `stop()` returns `{ atMs, mb }[]`. */
export function sampleMemory(pid, everyMs = 100) {
  const samples = []
  const begin = now()
  const sample = () => samples.push({ atMs: round(now() - begin), mb: round(residentMb(pid), 1) })
  sample()
  const timer = setInterval(sample, everyMs)
  return {
    stop() {
      clearInterval(timer)
      sample()
      return samples
    },
  }
}
