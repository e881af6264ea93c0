import type { Cli } from './cli.ts'
import { colourOf } from './colour.ts'
import type { Cell } from './table.ts'
import { timeAgo, timeSince } from './time-ago.ts'
import type { TaskResource } from './wire.ts'
import { count } from './words.ts'

/** Rows and sentences about tasks, the same in every command. */

export const TASK_COLUMNS = [
  { title: 'TASK' },
  { title: 'STATE' },
  { title: 'NODE', shrinkTo: 8 },
  { title: 'QUEUED' },
  { title: 'TOOK', align: 'right' },
  { title: 'KIND', shrinkTo: 8 },
  { title: 'DESCRIPTION', shrinkTo: 16 },
] as const

/** A task's line in the list. */
export function taskRow(task: TaskResource, nowMs: number): Cell[] {
  return [
    task.Id,
    { text: task.State, colour: colourOf(task.State) },
    task.NodeName,
    timeAgo(task.QueueTime, nowMs),
    took(task, nowMs),
    task.Name,
    task.Description,
  ]
}

export const WAITING_COLUMNS = [
  { title: 'TASK' },
  { title: 'QUEUED' },
  { title: 'KIND', shrinkTo: 8 },
  { title: 'DESCRIPTION', shrinkTo: 12 },
  { title: 'WAITS BECAUSE', shrinkTo: 24, wraps: true },
] as const

/** A queued task's line in a list that holds nothing else. */
export function waitingRow(task: TaskResource, nowMs: number): Cell[] {
  return [task.Id, timeAgo(task.QueueTime, nowMs), task.Name, task.Description, task.WaitingBecause]
}

/** Why tasks in a list wait, each reason once: `ServerTasks-14 and 3 others wait: every slot is taken.` */
export function waitingLines(tasks: readonly TaskResource[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const { Id: id, WaitingBecause: reason } of tasks) {
    if (reason) byReason.set(reason, [...(byReason.get(reason) ?? []), id])
  }
  return [...byReason].map(([reason, [first = '', ...others]]) => {
    const who = others.length === 0 ? `${first} waits` : `${first} and ${count(others.length, 'other')} wait`
    return `${who}: ${reason}`
  })
}

/** How long it ran, or has been running: `2m 10s`. Empty when it never started. */
export function took(task: TaskResource, nowMs: number): string {
  return timeSince(task.StartTime, task.CompletedTime ? Date.parse(task.CompletedTime) : nowMs)
}

/** `ServerTasks-12 Failed on node-a after 2m 10s: The script ended with exit code 3.` */
export function outcomeLine(task: TaskResource, nowMs: number): string {
  const where = task.NodeName ? ` on ${task.NodeName}` : ''
  const duration = task.StartTime ? ` after ${took(task, nowMs)}` : ''
  const cause = task.ErrorMessage ? `: ${task.ErrorMessage}` : ''
  return `${task.Id} ${task.State}${where}${duration}${cause}`
}

/** `ServerTasks-12 is Queued: all nodes are full.` */
export function stateLine(task: TaskResource): string {
  if (task.NodeSilent) return `${task.Id} is ${task.State} on ${task.NodeName ?? 'a node'}, which is silent.`
  const where = task.NodeName && !task.IsCompleted ? ` on ${task.NodeName}` : ''
  const why = task.WaitingBecause ? `: ${task.WaitingBecause}` : ''
  return `${task.Id} is ${task.State}${where}${why}`
}

/** Shows what a command did to a task: the API's answer with `--json`, else the sentence. */
export function showTask(cli: Cli, task: TaskResource, sentence = stateLine(task)): void {
  if (cli.json) cli.screen.json(task)
  else cli.screen.text([sentence])
}
