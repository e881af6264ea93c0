import { Button, Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { serverNow } from '../../api/connection.ts'
import { drainNodes } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { useAction } from '../../parts/use-action.ts'
import { type DrainDraft, type DrainProblems, draftOf, wishOf } from './drain-draft.ts'
import classes from './drain-form.module.css'
import { SpanField } from './span-field.tsx'
import { WhatIfLine } from './what-if-line.tsx'

export interface DrainFormProps {
  /** Whom it concerns, one or several. */
  nodes: readonly Pick<Node, 'Id' | 'Name' | 'Drain'>[]
  /** After success, and when the user leaves it. */
  onClose: () => void
  /** After success only. */
  onDone?: (() => void) | undefined
}

/** The wishes of a drain: reason, deadline, end; with what it would do to the cluster. Of one node in drain it changes the drain. */
export function DrainForm({ nodes, onClose, onDone }: DrainFormProps) {
  const drain = nodes.length === 1 ? nodes[0]?.Drain : undefined
  const [draft, setDraft] = useState(() => draftOf(drain))
  const [problems, setProblems] = useState<DrainProblems>({})
  const action = useAction(drainNodes)
  const change = (part: Partial<DrainDraft>) => {
    setDraft({ ...draft, ...part })
    setProblems({})
  }
  const what = nodes.length === 1 ? nodes[0]?.Name : `${nodes.length} nodes`
  const title = drain ? `Change the drain of ${what}` : `Drain ${what}`

  const submit = async () => {
    const asked = wishOf(draft, serverNow())
    if ('problems' in asked) return setProblems(asked.problems)
    if ((await action.start({ nodes, wish: asked.wish })) === undefined) return
    onClose()
    onDone?.()
  }

  return (
    <form
      className={classes.form}
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <strong>{title}</strong>
      {!drain && <WhatIfLine drain={nodes.map(({ Id }) => Id)} />}
      <TextInput
        label="Reason"
        size="xs"
        data-autofocus
        maxLength={500}
        autoComplete="off"
        placeholder="Why, for those who see it"
        value={draft.reason}
        error={problems.reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
      <SpanField
        label="Deadline"
        span={draft.deadline}
        text={draft.deadlineText}
        canKeep={Boolean(drain?.Deadline)}
        problem={problems.deadline}
        onSpan={(deadline) => change({ deadline })}
        onText={(deadlineText) => change({ deadlineText })}
      />
      <Checkbox
        size="xs"
        label="Cancel what still runs at the deadline"
        checked={draft.cancelAtDeadline && draft.deadline !== 'none'}
        disabled={draft.deadline === 'none'}
        onChange={(event) => change({ cancelAtDeadline: event.currentTarget.checked })}
      />
      <SpanField
        label="Take tasks again by itself after"
        span={draft.undrain}
        text={draft.undrainText}
        canKeep={Boolean(drain?.UndrainAt)}
        problem={problems.undrain}
        onSpan={(undrain) => change({ undrain })}
        onText={(undrainText) => change({ undrainText })}
      />
      <ErrorText error={action.error} />
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={onClose}>
          Close
        </Button>
        <Button size="xs" type="submit" loading={action.isPending}>
          {drain ? 'Change drain' : title}
        </Button>
      </div>
    </form>
  )
}
