import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { colourOf } from '../colour.ts'
import { taskId, taskPath } from '../names.ts'
import type { Cell } from '../table.ts'
import { took } from '../task-text.ts'
import { localTimeAndAgo, timeAgo, timeSince } from '../time-ago.ts'
import type { TaskAttempt, TaskResource } from '../wire.ts'
import { by, count } from '../words.ts'

const ATTEMPT_COLUMNS = [
  { title: 'ATTEMPT', align: 'right' },
  { title: 'NODE', shrinkTo: 8 },
  { title: 'STARTED' },
  { title: 'TOOK', align: 'right' },
  { title: 'OUTCOME' },
  { title: 'CAUSE', shrinkTo: 20, wraps: true },
] as const

export function declare(command: Command, cli: Cli): void {
  command.argument('<task>', 'id of the task: ServerTasks-12, or 12').action(async (text: string) => {
    const task = await cli.api.get<TaskResource>(taskPath(taskId(text)))
    if (cli.json) cli.screen.json(task)
    else show(task, cli)
  })
}

function show(task: TaskResource, { screen, api }: Cli): void {
  const nowMs = api.nowMs()
  screen.line(`${screen.paint(task.Id, 'bold')}  ${task.Name}`)
  screen.properties(taskProperties(task, nowMs))
  const attempts = task.Attempts ?? []
  if (attempts.length < 2) return
  screen.line()
  screen.table(
    ATTEMPT_COLUMNS,
    attempts.map((attempt) => attemptRow(attempt, nowMs)),
  )
}

function taskProperties(task: TaskResource, nowMs: number): [string, Cell][] {
  const canceled = task.CancelRequestedAt
    ? `asked for${by(task.CancelRequestedBy)}, ${localTimeAndAgo(task.CancelRequestedAt, nowMs)}`
    : ''
  return [
    ['Description', task.Description],
    ['State', { text: task.State, colour: colourOf(task.State) }],
    ['Waits because', { text: task.WaitingBecause ?? '', colour: 'yellow' }],
    ['Position', positionText(task.QueuePosition)],
    ['Cause', { text: task.ErrorMessage, colour: task.FinishedSuccessfully ? undefined : 'red' }],
    ['Exit code', task.ExitCode],
    ['Node', task.NodeName],
    ['Silent node', silenceText(task, nowMs)],
    ['Attempt', task.Attempt > 0 ? task.Attempt : ''],
    ['Lost', task.TimesLost > 0 ? `${count(task.TimesLost, 'time')}, with the node it ran on` : ''],
    ['Queued', `${localTimeAndAgo(task.QueueTime, nowMs)}${by(task.CreatedBy)}`],
    ['Expires', task.State === 'Queued' ? localTimeAndAgo(task.QueueTimeExpiry, nowMs) : ''],
    ['Started', localTimeAndAgo(task.StartTime, nowMs)],
    ['Cancel', canceled],
    ['Ended', localTimeAndAgo(task.CompletedTime, nowMs)],
    [task.IsCompleted ? 'Took' : 'Running for', took(task, nowMs)],
    ['Time limit', task.TimeLimit],
    ['Priority', task.Priority === 0 ? '' : task.Priority],
    ['Rerun of', task.RerunOf],
    ['Log', task.LogLineCount ? `${count(task.LogLineCount, 'line')}: tako task log ${task.Id}` : ''],
    ['Can be rerun', task.IsCompleted ? (task.CanRerun ? `yes: tako task rerun ${task.Id}` : 'no') : ''],
  ]
}

/** The API counts the tasks that come before. */
function positionText(before: number | null | undefined): string {
  if (before === null || before === undefined) return ''
  return before === 0 ? 'the next of the queue' : `after ${count(before, 'other task')}`
}

function silenceText(task: TaskResource, nowMs: number): Cell {
  if (!task.NodeSilent) return ''
  const { Since: since, SettledAt: settledAt } = task.NodeSilent
  const then = settledAt ? `; the task is settled ${timeAgo(settledAt, nowMs)} unless the node comes back` : ''
  return { text: `not heard of since ${localTimeAndAgo(since, nowMs)}${then}`, colour: 'yellow' }
}

function attemptRow(attempt: TaskAttempt, nowMs: number): Cell[] {
  const endMs = attempt.EndTime ? Date.parse(attempt.EndTime) : nowMs
  return [
    attempt.Attempt,
    attempt.NodeName,
    timeAgo(attempt.StartTime, nowMs),
    timeSince(attempt.StartTime, endMs),
    attempt.Outcome,
    attempt.Cause,
  ]
}
