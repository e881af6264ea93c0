import { SegmentedControl, TextInput } from '@mantine/core'
import { useId } from 'react'
import type { Span } from './drain-draft.ts'
import classes from './span-field.module.css'

const CHOICES: readonly { value: Span; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: '15m', label: '15 min' },
  { value: '1h', label: '1 h' },
  { value: '4h', label: '4 h' },
  { value: 'custom', label: 'Custom' },
]

export interface SpanFieldProps {
  label: string
  span: Span
  text: string
  /** Where a moment is set already. */
  canKeep: boolean
  problem: string | undefined
  onSpan: (span: Span) => void
  onText: (text: string) => void
}

/** A duration from now: by preset, or as a text such as `1h30m`. */
export function SpanField({ label, span, text, canKeep, problem, onSpan, onText }: SpanFieldProps) {
  const id = useId()
  return (
    <div>
      <div id={id} className={classes.label}>
        {label}
      </div>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-labelledby={id}
        value={span}
        onChange={(value) => onSpan(value as Span)}
        data={[...(canKeep ? [{ value: 'keep' as const, label: 'Keep' }] : []), ...CHOICES]}
      />
      {span === 'custom' && (
        <TextInput
          mt={6}
          size="xs"
          aria-label={`${label}, custom`}
          placeholder="1h30m"
          autoComplete="off"
          value={text}
          error={problem}
          onChange={(event) => onText(event.currentTarget.value)}
        />
      )}
    </div>
  )
}
