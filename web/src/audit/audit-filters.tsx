import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { eventGroupsQuery, eventNamesQuery } from '../api/events.ts'
import { nodeSummaryQuery } from '../api/nodes.ts'
import { SearchBox } from '../parts/search-box.tsx'
import classes from './audit.module.css'
import { isFiltered, localMoment, momentOf } from './audit-filter.ts'
import { type AuditSearch, SPANS } from './audit-search.ts'

export interface AuditFiltersProps {
  search: AuditSearch
  /** Names of users to choose from. */
  users: readonly string[]
  /** Undefined takes a filter away. */
  onChange: (change: { [Name in keyof AuditSearch]: AuditSearch[Name] | undefined }) => void
  onClear: () => void
}

const SPAN_NAMES = { '1h': 'Last hour', '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' } as const
const DAY_MS = 86_400_000

/** What narrows the trail; all of it lives in the address. */
export function AuditFilters({ search, users, onChange, onClear }: AuditFiltersProps) {
  const { data: groups = [] } = useQuery(eventGroupsQuery())
  const { data: categories = [] } = useQuery(eventNamesQuery('categories'))
  const { data: summary } = useQuery(nodeSummaryQuery())
  const nodes = summary?.Nodes.map((node) => node.Name) ?? []
  const nameOf = (id: string) => categories.find((category) => category.Id === id)?.Name ?? id
  const shown = search.group === undefined ? groups : groups.filter((group) => group.Id === search.group)
  return (
    <search className={classes.filters} aria-label="Filters of the audit trail">
      <SearchBox
        label="Regarding: node, task, job or id"
        className={classes.wide}
        value={search.regarding ?? ''}
        onChange={(text) => onChange({ regarding: text || undefined })}
      />
      <SearchBox
        label="User"
        className={classes.narrow}
        suggestions={users}
        value={search.user ?? ''}
        onChange={(text) => onChange({ user: text || undefined })}
      />
      <NativeSelect
        aria-label="Group"
        value={search.group ?? ''}
        onChange={({ currentTarget }) => onChange({ group: currentTarget.value || undefined, category: undefined })}
        data={[
          option('', 'All groups'),
          ...withChosen(
            groups.map(({ Id, Name }) => option(Id, Name)),
            search.group,
          ),
        ]}
      />
      <NativeSelect
        aria-label="Category"
        value={search.category ?? ''}
        onChange={({ currentTarget }) => onChange({ category: currentTarget.value || undefined })}
        data={[
          option('', 'All categories'),
          ...(search.category !== undefined &&
          !shown.some(({ EventCategories: ids }) => ids.includes(search.category ?? ''))
            ? [option(search.category, nameOf(search.category))]
            : []),
          ...shown.map(({ Name, EventCategories }) => ({
            group: Name,
            items: EventCategories.map((id) => option(id, nameOf(id))),
          })),
        ]}
      />
      <NativeSelect
        aria-label="Node"
        value={search.node ?? ''}
        onChange={({ currentTarget }) => onChange({ node: currentTarget.value || undefined })}
        data={[
          option('', 'All nodes'),
          ...withChosen(
            nodes.map((name) => option(name, name)),
            search.node,
          ),
        ]}
      />
      <TimeFilter search={search} onChange={onChange} />
      {isFiltered(search) && (
        <Button variant="subtle" color="gray" leftSection={<IconFilterOff size={15} aria-hidden />} onClick={onClear}>
          Clear filters
        </Button>
      )}
    </search>
  )
}

function TimeFilter({ search, onChange }: Pick<AuditFiltersProps, 'search' | 'onChange'>) {
  const hasDates = search.from !== undefined || search.to !== undefined
  const [isOpen, setOpen] = useState(hasDates)
  const isBetween = search.span === undefined && (isOpen || hasDates)
  const choose = (value: string) => {
    setOpen(value === 'between')
    const from = value === 'between' ? new Date(Date.now() - DAY_MS).toISOString() : undefined
    onChange({ span: SPANS.find((span) => span === value), from, to: undefined })
  }
  return (
    <>
      <NativeSelect
        aria-label="Time"
        value={search.span ?? (isBetween ? 'between' : '')}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={[
          option('', 'Any time'),
          ...SPANS.map((span) => option(span, SPAN_NAMES[span])),
          option('between', 'Between …'),
        ]}
      />
      {isBetween && (
        <>
          <TextInput
            type="datetime-local"
            aria-label="From"
            value={localMoment(search.from)}
            onChange={({ currentTarget }) => onChange({ from: momentOf(currentTarget.value) })}
          />
          <TextInput
            type="datetime-local"
            aria-label="To"
            value={localMoment(search.to)}
            onChange={({ currentTarget }) => onChange({ to: momentOf(currentTarget.value) })}
          />
        </>
      )}
    </>
  )
}

interface Option {
  value: string
  label: string
}

function option(value: string, label: string): Option {
  return { value, label }
}

/** What the address names stays choosable although there is none of it. */
function withChosen(options: readonly Option[], chosen: string | undefined): Option[] {
  if (chosen === undefined || options.some(({ value }) => value === chosen)) return [...options]
  return [...options, option(chosen, chosen)]
}
