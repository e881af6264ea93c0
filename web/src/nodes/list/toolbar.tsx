import type { Node } from '../../api/wire.ts'
import { CountFilter, type CountOption } from '../../parts/count-filter.tsx'
import { SearchBox } from '../../parts/search-box.tsx'
import type { StateName } from '../../parts/states.ts'
import { NODE_FILTERS, type NodeFilter } from '../nodes-search.ts'
import { BulkButtons } from './bulk-buttons.tsx'
import classes from './toolbar.module.css'

const CHIPS: Readonly<Record<NodeFilter, { label: string; state?: StateName }>> = {
  recent: { label: 'Recently active' },
  all: { label: 'All' },
  online: { label: 'Online', state: 'Online' },
  starting: { label: 'Starting', state: 'Starting' },
  draining: { label: 'Draining', state: 'Draining' },
  drained: { label: 'Drained', state: 'Drained' },
  offline: { label: 'Offline', state: 'Offline' },
}

export interface ToolbarProps {
  counts: Readonly<Record<NodeFilter, number>>
  filter: NodeFilter
  text: string
  selected: readonly Node[]
  onFilter: (filter: NodeFilter) => void
  onText: (text: string) => void
  onDone: () => void
}

/** Filters of the list, and what can be done with the selected nodes. */
export function Toolbar({ counts, filter, text, selected, onFilter, onText, onDone }: ToolbarProps) {
  // Nodes start so seldom that the filter shows itself only then.
  const filters = NODE_FILTERS.filter((one) => one !== 'starting' || counts.starting > 0 || filter === one)
  const options: CountOption<NodeFilter>[] = filters.map((value) => ({
    value,
    count: counts[value],
    ...CHIPS[value],
  }))
  return (
    <div className={classes.toolbar}>
      <CountFilter
        isSingle
        label="Filter by status"
        options={options}
        values={[filter]}
        onChange={([value]) => value && onFilter(value)}
      />
      <SearchBox label="Find a node" value={text} onChange={onText} className={classes.search} />
      <BulkButtons nodes={selected} onDone={onDone} />
    </div>
  )
}
