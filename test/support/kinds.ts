import { tmpdir } from 'node:os'
import { defaultTimings } from '../../src/cluster/timings.ts'
import type { Kind } from '../../src/tasks/kind.ts'
import { createAdHocScriptKind } from '../../src/tasks/kinds/ad-hoc-script.ts'
import { createRetentionKind } from '../../src/tasks/kinds/retention.ts'
import { createSystemIntegrityCheckKind } from '../../src/tasks/kinds/system-integrity-check.ts'

/** The product's kinds, for tests in which no task is run: only what may be asked of them matters. */
export function realKinds(): Kind[] {
  return [
    createAdHocScriptKind({
      leaseFile: () => `${tmpdir()}/no-lease`,
      workFolder: tmpdir(),
      taskLeaseMs: defaultTimings.taskLeaseMs.fail,
      cancelGraceMs: defaultTimings.cancelGraceMs,
    }),
    createSystemIntegrityCheckKind({ sharedFolder: tmpdir() }),
    createRetentionKind({ retentionMs: defaultTimings.retentionMs }),
  ]
}
