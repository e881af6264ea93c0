import { Button, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { nodeSummaryQuery } from '../../api/nodes.ts'
import { taskTypesQuery } from '../../api/tasks.ts'
import type { TaskPage } from '../../api/wire.ts'
import { CountFilter } from '../../parts/count-filter.tsx'
import { SearchBox } from '../../parts/search-box.tsx'
import { lookOf } from '../../parts/states.ts'
import { TASK_STATES, type TasksSearch } from '../tasks-search.ts'
import classes from './task-filters.module.css'
import { isFiltered } from './tasks-filter.ts'
import { TimeFilter } from './time-filter.tsx'

export interface TaskFiltersProps {
  search: TasksSearch
  counts: TaskPage['TotalCounts'] | undefined
  /** Gets the whole search without the page, which begins anew. */
  onChange: (search: TasksSearch) => void
}

/** What the list is narrowed by. */
export function TaskFilters({ search, counts, onChange }: TaskFiltersProps) {
  const { page: _page, ...filters } = search
  const { by: _by, since: _since, from: _from, to: _to, ...timeless } = filters
  const set = (name: 'node' | 'kind' | 'text', value: string) => {
    const { [name]: _former, ...others } = filters
    onChange(value === '' ? others : { ...others, [name]: value })
  }
  return (
    <search className={classes.filters}>
      <CountFilter
        label="Filter by state"
        options={TASK_STATES.map((state) => ({
          value: state,
          label: lookOf(state).word,
          count: counts?.[state],
          state,
        }))}
        values={search.states ?? []}
        onChange={(states) => {
          const { states: _states, ...others } = filters
          onChange(states.length === 0 ? others : { ...others, states })
        }}
      />
      <div className={classes.line}>
        <SearchBox
          label="Find by description or id"
          className={classes.text}
          value={search.text ?? ''}
          onChange={(text) => set('text', text)}
        />
        <NodeFilter value={search.node ?? ''} onChange={(node) => set('node', node)} />
        <KindFilter value={search.kind ?? ''} onChange={(kind) => set('kind', kind)} />
        <TimeFilter search={search} onChange={(time) => onChange({ ...timeless, ...time })} />
        {isFiltered(search) && (
          <Button variant="subtle" size="sm" onClick={() => onChange({})}>
            Clear filters
          </Button>
        )}
      </div>
    </search>
  )
}

interface ChoiceProps {
  value: string
  onChange: (value: string) => void
}

function NodeFilter({ value, onChange }: ChoiceProps) {
  const { data } = useQuery(nodeSummaryQuery())
  const names = data?.Nodes.map(({ Name }) => Name) ?? []
  return <Choice label="Node" all="All nodes" names={names} value={value} onChange={onChange} />
}

function KindFilter({ value, onChange }: ChoiceProps) {
  const { data } = useQuery(taskTypesQuery())
  const names = data?.map(({ Name }) => Name) ?? []
  return <Choice label="Kind" all="All kinds" names={names} value={value} onChange={onChange} />
}

/** A list box whose value is one of its choices even when it is not known (any more). */
function Choice({ label, all, names, value, onChange }: ChoiceProps & { label: string; all: string; names: string[] }) {
  const shown = value === '' || names.includes(value) ? names : [...names, value]
  return (
    <NativeSelect
      className={classes.choice ?? ''}
      aria-label={label}
      data={[{ value: '', label: all }, ...shown]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
