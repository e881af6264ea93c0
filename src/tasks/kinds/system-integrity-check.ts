import { messageOf } from '../../lib/errors.ts'
import type { AttemptContext, Kind, Outcome } from '../kind.ts'
import {
  checkClock,
  checkConnections,
  checkSchema,
  checkVacuum,
  checkWriting,
} from './system-integrity-check-database.ts'
import { checkSharedFolder } from './system-integrity-check-folder.ts'

/** What a check found: what is as it should be, what will become a trouble, what is one. */
export interface Findings {
  readonly facts: string[]
  readonly warnings: string[]
  readonly faults: string[]
}

interface Check {
  readonly name: string
  run(findings: Findings, context: AttemptContext): Promise<void>
}

/**
 * Looks whether what a node stands on is sound: the database (round trip, writing, schema, vacuum, free sessions), the
 * shared folder and the clock, as seen from the node that runs it. Fails when a check fails; warnings only set the
 * task's warnings. It changes nothing.
 */
export function createSystemIntegrityCheckKind(deps: { sharedFolder: string }): Kind<Record<string, never>> {
  const checks: readonly Check[] = [
    { name: 'database', run: (findings, { sql, clock }) => checkWriting(findings, sql, clock) },
    { name: 'schema', run: (findings, { sql }) => checkSchema(findings, sql) },
    { name: 'sessions', run: (findings, { sql }) => checkConnections(findings, sql) },
    { name: 'vacuum', run: (findings, { sql }) => checkVacuum(findings, sql) },
    { name: 'clock', run: (findings, { sql }) => checkClock(findings, sql, Date.now) },
    { name: 'shared folder', run: (findings) => checkSharedFolder(findings, deps.sharedFolder) },
  ]
  return {
    name: 'SystemIntegrityCheck',
    title: 'Check the integrity of the system',
    scope: 'system',
    runsOn: 'any node',
    whenLost: 'rerun',
    createPermission: 'AdministerSystem',
    parse: () => ({}),
    describe: () => 'Check the integrity of the system',
    run: (context) => runChecks(context, checks),
  }
}

async function runChecks(context: AttemptContext, checks: readonly Check[]): Promise<Outcome> {
  const faults: string[] = []
  let hasWarnings = false
  for (const check of checks) {
    context.signal.throwIfAborted()
    const findings = await findOut(check, context)
    for (const fact of findings.facts) context.output.line('output', `${check.name}: ${fact}`)
    for (const warning of findings.warnings) context.output.line('output', `${check.name}: warning: ${warning}`)
    for (const fault of findings.faults) context.output.line('error', `${check.name}: ${fault}`)
    faults.push(...findings.faults.map((fault) => `${check.name}: ${fault}`))
    hasWarnings ||= findings.warnings.length > 0
  }
  return faults.length > 0
    ? { state: 'Failed', cause: faults.join(' '), hasWarnings }
    : { state: 'Success', hasWarnings }
}

/** A check that breaks off has found a fault. */
async function findOut(check: Check, context: AttemptContext): Promise<Findings> {
  const findings: Findings = { facts: [], warnings: [], faults: [] }
  try {
    await check.run(findings, context)
  } catch (error) {
    findings.faults.push(`${messageOf(error)}.`)
  }
  return findings
}
