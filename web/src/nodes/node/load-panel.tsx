import { Button, SegmentedControl } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { nodeLoadQuery } from '../../api/nodes.ts'
import type { LoadMinute, NodeLoad } from '../../api/wire.ts'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Loaded, Loading } from '../../parts/load-states.tsx'
import { Panel } from '../../parts/panel.tsx'
import { LOAD_SPANS } from '../node-page-search.ts'
import { LoadChart } from './load-chart.tsx'
import classes from './load-panel.module.css'
import { minuteText } from './minute-text.ts'

const route = getRouteApi('/nodes/$id')

const SPANS = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '180', label: '3 h' },
]

/** What a node ran, minute by minute, as a chart or as a table. */
export function LoadPanel({ id }: { id: string }) {
  const { minutes = LOAD_SPANS[0], load: form } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(nodeLoadQuery(id, minutes))
  const isTable = form === 'table'
  const show = (search: { minutes?: number } | { load?: 'table' | undefined }) =>
    void navigate({ search: (old) => ({ ...old, ...search }), replace: true, resetScroll: false })
  return (
    <Panel
      title="Load"
      actions={
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={isTable ? <IconChartBar size={14} aria-hidden /> : <IconTable size={14} aria-hidden />}
            onClick={() => show({ load: isTable ? undefined : 'table' })}
          >
            {isTable ? 'Show as chart' : 'Show as table'}
          </Button>
          <SegmentedControl
            size="xs"
            aria-label="Span of the load"
            data={SPANS}
            value={String(minutes)}
            onChange={(value) => show({ minutes: Number(value) })}
          />
        </>
      }
    >
      <Loaded
        query={query}
        skeleton={
          <div className={classes.skeleton}>
            <Loading />
          </div>
        }
      >
        {(load) => (isTable ? <LoadTable load={load} /> : <LoadChart load={load} />)}
      </Loaded>
    </Panel>
  )
}

const COLUMNS: readonly Column<LoadMinute>[] = [
  { id: 'at', header: 'Minute', isMain: true, cell: ({ At }) => minuteText(At) },
  { id: 'running', header: 'Running at most', align: 'end', cell: ({ Running }) => Running },
  { id: 'started', header: 'Started', align: 'end', cell: ({ Started }) => Started },
  { id: 'finished', header: 'Ended', align: 'end', cell: ({ Finished }) => Finished },
  { id: 'failed', header: 'Failed', align: 'end', cell: ({ Failed }) => Failed },
]

function LoadTable({ load }: { load: NodeLoad }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.scroll} aria-label="Load minute by minute" tabIndex={0}>
      <DataTable
        caption={`Load of the last ${load.Minutes.length} minutes, newest first`}
        columns={COLUMNS}
        rows={load.Minutes.toReversed()}
        idOf={({ At }) => At}
      />
    </section>
  )
}
