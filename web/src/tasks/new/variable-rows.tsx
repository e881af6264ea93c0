import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useId, useRef } from 'react'
import type { Variable } from './draft.ts'
import type { PartProps } from './new-task-form.tsx'
import classes from './variable-rows.module.css'

/** The environment variables of a script, a row each. */
export function VariableRows({ draft: { variables }, faults, change }: PartProps) {
  const id = useId()
  const rows = useRef<HTMLFieldSetElement>(null)
  const set = (key: number, part: Partial<Variable>) =>
    change({ variables: variables.map((row) => (row.key === key ? { ...row, ...part } : row)) })
  const focusLater = (selector: string) =>
    requestAnimationFrame(() => [...(rows.current?.querySelectorAll<HTMLElement>(selector) ?? [])].at(-1)?.focus())
  const add = () => {
    change({
      variables: [...variables, { key: Math.max(-1, ...variables.map(({ key }) => key)) + 1, name: '', value: '' }],
    })
    focusLater('[data-name]')
  }
  const remove = (key: number) => {
    change({ variables: variables.filter((row) => row.key !== key) })
    focusLater('[data-add]')
  }
  return (
    <fieldset ref={rows} className={classes.rows} aria-describedby={`${id}-hint`}>
      <legend className={classes.legend}>Environment variables</legend>
      <p id={`${id}-hint`} className={classes.hint}>
        The script gets these beside PATH, HOME and LANG. Whoever may see tasks can read them.
      </p>
      {variables.map(({ key, name, value }, index) => (
        <div key={key} className={classes.row}>
          <TextInput
            aria-label={`Name of variable ${index + 1}`}
            placeholder="NAME"
            spellCheck={false}
            autoComplete="off"
            data-name
            classNames={{ input: classes.mono }}
            value={name}
            error={faults.variables !== undefined && isNamed(faults.variables, name)}
            onChange={(event) => set(key, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of variable ${index + 1}`}
            placeholder="value"
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: classes.mono }}
            value={value}
            onChange={(event) => set(key, { value: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove variable ${index + 1}`}
            onClick={() => remove(key)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {faults.variables && (
        <p role="alert" className={classes.fault}>
          {faults.variables}
        </p>
      )}
      <Button
        className={classes.add}
        size="compact-sm"
        variant="default"
        data-add
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={add}
      >
        Add variable
      </Button>
    </fieldset>
  )
}

/** True when the sentence is about that name, or about one that is missing. */
function isNamed(fault: string, name: string): boolean {
  return name === '' ? fault.includes('no name.') : fault.includes(name)
}
