import { HOUR } from '../lib/clock.ts'
import type { RecurringJob } from '../schedule/jobs.ts'
import type { Kind } from '../tasks/kind.ts'
import { createAdHocScriptKind } from '../tasks/kinds/ad-hoc-script.ts'
import { createRetentionKind } from '../tasks/kinds/retention.ts'
import { createSystemIntegrityCheckKind } from '../tasks/kinds/system-integrity-check.ts'
import type { ServerOptions } from './options.ts'

/** What the kinds of a node are made from. */
export interface KindParts {
  options: ServerOptions
  /** The lease file of the present incarnation's heart. */
  leaseFile(): string
  /** A private folder on a local disk. */
  workFolder: string
}

/** The kinds of task that the product knows. */
export function productKinds({ options, leaseFile, workFolder }: KindParts): Kind[] {
  const { timings, sharedDir } = options
  return [
    createAdHocScriptKind({
      leaseFile,
      workFolder,
      taskLeaseMs: timings.taskLeaseMs.fail,
      cancelGraceMs: timings.cancelGraceMs,
    }),
    createSystemIntegrityCheckKind({ sharedFolder: sharedDir }),
    createRetentionKind({ retentionMs: timings.retentionMs }),
  ]
}

/** The leader's recurring work. */
export const productJobs: readonly RecurringJob[] = [
  {
    name: 'retention',
    kind: 'Retention',
    description: 'Remove finished tasks, their logs and events past their retention',
    everyMs: 4 * HOUR,
  },
  {
    name: 'integrity-check',
    kind: 'SystemIntegrityCheck',
    description: 'Check the database, the shared folder and the clocks',
    everyMs: 24 * HOUR,
  },
]
