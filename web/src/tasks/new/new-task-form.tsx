import { Button, Kbd, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import type { KeyboardEvent } from 'react'
import type { TaskType } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useWhyNot } from '../../session/allowed.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { type Draft, SCRIPT_KIND } from './draft.ts'
import { LimitFields } from './limit-fields.tsx'
import classes from './new-task-form.module.css'
import type { Faults } from './request.ts'
import { ScriptField, type ScriptFieldProps } from './script-field.tsx'
import { useNewTask } from './use-new-task.ts'
import { VariableRows } from './variable-rows.tsx'

export interface NewTaskFormProps {
  /** Tells what is typed here from what is typed in another such form. */
  name: string
  types: readonly TaskType[]
  begin: Draft
}

/** What a part of the form needs. */
export interface PartProps {
  draft: Draft
  faults: Faults
  change: (part: Partial<Draft>) => void
}

/** The form for a new task. What is typed stays until the task is queued or the tab is closed. */
export function NewTaskForm({ name, types, begin }: NewTaskFormProps) {
  const { form, draft, edition, change, faults, error, isPending, isChanged, submit, clear } = useNewTask(name, begin)
  const because = whyNot(draft, types)
  const isForbidden = useWhyNot({ permission: 'TaskCreate', because }) !== undefined
  const start = () => {
    if (!isForbidden) void submit()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
    event.preventDefault()
    start()
  }
  const part: PartProps = { draft, faults, change }
  return (
    <form
      ref={form}
      noValidate
      aria-label="New task"
      className={classes.form}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        start()
      }}
    >
      <div className={classes.main}>
        <Panel title="What to run">
          <div className={classes.fields}>
            <div className={classes.pair}>
              <KindField {...part} types={types} />
              <TextInput
                label="Description"
                placeholder={draft.kind === SCRIPT_KIND ? `Run a ${draft.syntax} script on the server` : ''}
                maxLength={2000}
                value={draft.description}
                error={faults.description}
                onChange={(event) => change({ description: event.currentTarget.value })}
              />
            </div>
            {draft.kind === SCRIPT_KIND ? (
              <ScriptFields {...part} edition={edition} onSubmit={start} />
            ) : (
              <p className={classes.quiet}>Tasks of this kind take no arguments.</p>
            )}
          </div>
        </Panel>
      </div>
      <div className={classes.side}>
        <Panel title="When, and for how long">
          <LimitFields {...part} />
        </Panel>
        <div className={classes.actions}>
          <AllowedButton
            type="submit"
            permission="TaskCreate"
            because={because}
            loading={isPending}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
          >
            Run
          </AllowedButton>
          {isChanged && (
            <Button variant="default" disabled={isPending} onClick={clear}>
              {name === 'new' ? 'Clear form' : 'Undo changes'}
            </Button>
          )}
          <span className={classes.quiet}>
            <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> runs it too
          </span>
        </div>
        <ErrorText error={error} />
        {Object.keys(faults).length > 0 && (
          <ErrorText error="The task was not queued. Mend the fields that are marked." />
        )}
      </div>
    </form>
  )
}

function KindField({ draft, faults, change, types }: PartProps & { types: readonly TaskType[] }) {
  const choices = types.filter(({ CanBeCreated, Name }) => CanBeCreated || Name === draft.kind)
  return (
    <NativeSelect
      label="Kind"
      data={choices.map(({ Name, Title }) => ({ value: Name, label: Title }))}
      value={draft.kind}
      error={faults.kind}
      onChange={(event) => change({ kind: event.currentTarget.value })}
    />
  )
}

/** Why no task of the kind can be made, such as when the form was filled in from one that the system made. */
function whyNot({ kind }: Draft, types: readonly TaskType[]): string | undefined {
  const isKnown = types.some(({ Name, CanBeCreated }) => Name === kind && CanBeCreated)
  return isKnown ? undefined : 'Only the system makes tasks of this kind.'
}

function ScriptFields(props: ScriptFieldProps) {
  const { draft, faults, change } = props
  return (
    <>
      <ScriptField {...props} />
      <Textarea
        label="Arguments"
        description="One a line, handed to the script as they are."
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        classNames={{ input: classes.mono }}
        value={draft.scriptArguments}
        error={faults.scriptArguments}
        onChange={(event) => change({ scriptArguments: event.currentTarget.value })}
      />
      <VariableRows {...props} />
    </>
  )
}
