import { TextInput } from '@mantine/core'
import { useNow } from '../../parts/clock.ts'
import { agoText } from '../../parts/dates.ts'
import classes from './new-task-form.module.css'
import type { PartProps } from './new-task-form.tsx'

/** When it is to start, how long it may wait and run, and before which others. */
export function LimitFields({ draft, faults, change }: PartProps) {
  return (
    <div className={classes.fields}>
      <TextInput
        label="Time limit"
        description="How long an attempt may run, such as 90s or 1h30m."
        placeholder="none"
        autoComplete="off"
        value={draft.timeLimit}
        error={faults.timeLimit}
        onChange={(event) => change({ timeLimit: event.currentTarget.value })}
      />
      <StartField draft={draft} faults={faults} change={change} />
      <TextInput
        label="Expires after"
        description="How long it may wait before it is given up, such as 30m."
        placeholder="the cluster's own limit"
        autoComplete="off"
        value={draft.expiry}
        error={faults.expiry}
        onChange={(event) => change({ expiry: event.currentTarget.value })}
      />
      <TextInput
        label="Priority"
        description="From -100 to 100. Higher starts first."
        placeholder="0"
        inputMode="numeric"
        autoComplete="off"
        value={draft.priority}
        error={faults.priority}
        onChange={(event) => change({ priority: event.currentTarget.value })}
      />
    </div>
  )
}

function StartField({ draft: { queueTime }, faults, change }: PartProps) {
  const now = useNow()
  const at = Date.parse(queueTime)
  const when = Number.isNaN(at) ? 'Empty: as soon as there is a slot.' : agoLine(at, now)
  return (
    <TextInput
      type="datetime-local"
      label="Start at"
      description={when}
      value={queueTime}
      error={faults.queueTime}
      onChange={(event) => change({ queueTime: event.currentTarget.value })}
    />
  )
}

function agoLine(at: number, now: number): string {
  return at > now ? `Not before then, ${agoText(at, now)}.` : 'That has passed: it starts as soon as there is a slot.'
}
