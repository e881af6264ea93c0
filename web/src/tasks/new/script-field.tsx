import { Kbd, SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useId } from 'react'
import { Loading } from '../../parts/load-states.tsx'
import { SYNTAXES } from './draft.ts'
import type { PartProps } from './new-task-form.tsx'
import classes from './script-field.module.css'

const ScriptEditor = lazy(async () => ({ default: (await import('./script-editor.tsx')).ScriptEditor }))

export interface ScriptFieldProps extends PartProps {
  /** Another one when the whole form begins anew. */
  edition: number
  onSubmit: () => void
}

/** The script and its language. */
export function ScriptField({ draft, faults, change, edition, onSubmit }: ScriptFieldProps) {
  const id = useId()
  return (
    <div className={classes.field}>
      <div className={classes.head}>
        <span id={`${id}-label`} className={classes.label}>
          Script
        </span>
        <SegmentedControl
          size="xs"
          aria-label="Syntax"
          data={[...SYNTAXES]}
          value={draft.syntax}
          onChange={(value) => {
            const syntax = SYNTAXES.find((one) => one === value)
            if (syntax) change({ syntax })
          }}
        />
      </div>
      <div className={classes.place}>
        <Suspense fallback={<Loading label="Loading the editor" />}>
          <ScriptEditor
            labelledBy={`${id}-label`}
            describedBy={`${id}-hint ${id}-fault`}
            key={edition}
            begin={draft.script}
            syntax={draft.syntax}
            isInvalid={faults.script !== undefined}
            onChange={(script) => change({ script })}
            onSubmit={onSubmit}
          />
        </Suspense>
      </div>
      <p id={`${id}-fault`} role="alert" className={classes.fault}>
        {faults.script ?? faults.syntax}
      </p>
      <p id={`${id}-hint`} className={classes.hint}>
        <Kbd size="xs">Tab</Kbd> indents. <Kbd size="xs">Esc</Kbd> and then <Kbd size="xs">Tab</Kbd> leaves the editor.
      </p>
    </div>
  )
}
