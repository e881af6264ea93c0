import type { Command } from 'commander'
import { formatDuration, parseTimeSpan } from '../../lib/duration.ts'
import type { Cli } from '../cli.ts'
import { colourOf } from '../colour.ts'
import type { Cell } from '../table.ts'
import { timeAgo } from '../time-ago.ts'
import type { JobResource, SchedulerResource } from '../wire.ts'

const COLUMNS = [
  { title: 'JOB', shrinkTo: 12 },
  { title: 'EVERY', align: 'right' },
  { title: 'NEXT' },
  { title: 'LAST' },
  { title: 'RESULT' },
  { title: 'TOOK', align: 'right' },
  { title: 'LAST TASK' },
  { title: 'DESCRIPTION', shrinkTo: 14 },
] as const

export function declare(command: Command, cli: Cli): void {
  command.action(async () => {
    const scheduler = await cli.api.get<SchedulerResource>('/api/scheduler')
    if (cli.json) return cli.screen.json(scheduler)
    const nowMs = cli.api.nowMs()
    if (scheduler.TaskStatus.length === 0) return cli.screen.line('No recurring jobs.')
    cli.screen.table(
      COLUMNS,
      scheduler.TaskStatus.map((job) => jobRow(job, nowMs)),
    )
  })
}

function jobRow(job: JobResource, nowMs: number): Cell[] {
  return [
    job.Name,
    shortDuration(job.Every),
    nextText(job, nowMs),
    timeAgo(job.LastStarted, nowMs),
    { text: job.LastResult ?? '', colour: colourOf(job.LastResult ?? '') },
    shortDuration(job.LastDuration),
    job.LastTaskId,
    job.Description,
  ]
}

function nextText(job: JobResource, nowMs: number): Cell {
  if (!job.IsEnabled) return { text: 'disabled', colour: 'yellow' }
  if (job.IsOverdue) return { text: `overdue ${timeAgo(job.NextDue, nowMs)}`, colour: 'red' }
  return timeAgo(job.NextDue, nowMs)
}

/** A TimeSpan in words; anything else as it is. */
function shortDuration(text: string | null): string {
  const ms = text === null ? undefined : parseTimeSpan(text)
  return ms === undefined ? (text ?? '') : formatDuration(ms)
}
