import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { nodeSummaryQuery } from '../api/nodes.ts'
import { schedulerQuery } from '../api/scheduler.ts'
import type { Job } from '../api/wire.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Empty, Loaded } from '../parts/load-states.tsx'
import { Notice } from '../parts/notice.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { JobName, LastRun, NextDue } from './job-cells.tsx'
import { JobSwitch, RunNow } from './job-controls.tsx'
import { nodeNameOf, overdueWarning, spanText } from './job-row.ts'
import classes from './jobs.module.css'

const COLUMNS: readonly Column<Job>[] = [
  { id: 'name', header: 'Job', isMain: true, cell: (job) => <JobName job={job} /> },
  { id: 'every', header: 'Every', width: '5rem', cell: (job) => spanText(job.Every) },
  { id: 'last', header: 'Last run', width: '15rem', cell: (job) => <LastRun job={job} /> },
  { id: 'next', header: 'Next due', width: '11rem', cell: (job) => <NextDue job={job} /> },
  { id: 'on', header: 'Switch', width: '6rem', cell: (job) => <JobSwitch job={job} /> },
  { id: 'run', header: 'Run now', isHeaderHidden: true, width: '8rem', cell: (job) => <RunNow job={job} /> },
]

/** The leader's recurring work. */
export function JobsPage() {
  const query = useQuery(schedulerQuery())
  return (
    <>
      <PageHeader title="Cluster jobs">
        <Explanation />
      </PageHeader>
      <Loaded query={query}>{({ TaskStatus }) => <Jobs jobs={TaskStatus} />}</Loaded>
    </>
  )
}

function Jobs({ jobs }: { jobs: readonly Job[] }) {
  const warning = overdueWarning(jobs)
  return (
    <>
      {warning && (
        <div className={classes.warning}>
          <Notice state="Warning" role="status">
            {warning}
          </Notice>
        </div>
      )}
      <DataTable
        caption="Cluster jobs"
        columns={COLUMNS}
        rows={jobs}
        idOf={(job) => job.Id}
        toneOf={(job) => (job.IsOverdue ? 'amber' : undefined)}
        empty={<Empty title="No cluster jobs">This version of Tako has no recurring work.</Empty>}
      />
    </>
  )
}

/** What these jobs are and who makes them run. */
function Explanation() {
  const { data } = useQuery(nodeSummaryQuery())
  const leader = data?.Cluster.LeaderNodeId
  return (
    <>
      The cluster’s own recurring work. The leader
      {leader && (
        <>
          {', '}
          <Link to="/nodes/$id" params={{ id: leader }} className={classes.leader}>
            {nodeNameOf(leader)}
          </Link>
          {','}
        </>
      )}{' '}
      queues each job when it is due, and any node runs it as a task.
      {data && !leader && ' There is no leader at present, so nothing is queued until one is elected.'}
    </>
  )
}
