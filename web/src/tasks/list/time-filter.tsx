import { NativeSelect, TextInput } from '@mantine/core'
import { serverNow } from '../../api/connection.ts'
import { dateOfLocalTime, localTimeOf } from '../shared/local-time.ts'
import { MOMENTS, type TasksSearch } from '../tasks-search.ts'
import classes from './task-filters.module.css'
import { startOf } from './tasks-filter.ts'
import { ANY_TIME, choiceOf, MOMENT_WORDS, OWN_TIME, searchOfChoice, TIME_GROUPS } from './time-choice.ts'

export interface TimeFilterProps {
  search: TasksSearch
  /** Gets what takes the place of the whole choice of time. */
  onChange: (time: Pick<TasksSearch, 'by' | 'since' | 'from' | 'to'>) => void
}

/** By when tasks were queued, started or ended. */
export function TimeFilter({ search, onChange }: TimeFilterProps) {
  const choice = choiceOf(search)
  const choose = (value: string) =>
    onChange(searchOfChoice(value, search, new Date(startOf('1h', serverNow())).toISOString()))
  return (
    <>
      <NativeSelect
        className={classes.time ?? ''}
        aria-label="Time"
        data={[{ value: ANY_TIME, label: 'Any time' }, ...TIME_GROUPS, { value: OWN_TIME, label: 'From and to…' }]}
        value={choice}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {choice === OWN_TIME && <OwnTime search={search} onChange={onChange} />}
    </>
  )
}

function OwnTime({ search: { by = 'queued', from, to }, onChange }: TimeFilterProps) {
  const change = (time: { by?: typeof by; from?: string | undefined; to?: string | undefined }) => {
    const next = { by, from, to, ...time }
    onChange({
      by: next.by,
      ...(next.from === undefined ? {} : { from: next.from }),
      ...(next.to === undefined ? {} : { to: next.to }),
    })
  }
  return (
    <>
      <NativeSelect
        aria-label="Moment"
        data={MOMENTS.map((value) => ({ value, label: MOMENT_WORDS[value] }))}
        value={by}
        onChange={(event) => {
          const chosen = MOMENTS.find((one) => one === event.currentTarget.value)
          if (chosen) change({ by: chosen })
        }}
      />
      <TextInput
        type="datetime-local"
        aria-label="From"
        value={localTimeOf(from)}
        onChange={(event) => change({ from: dateOfLocalTime(event.currentTarget.value) })}
      />
      <TextInput
        type="datetime-local"
        aria-label="To"
        value={localTimeOf(to)}
        onChange={(event) => change({ to: dateOfLocalTime(event.currentTarget.value) })}
      />
    </>
  )
}
