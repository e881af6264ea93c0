import type { FinalState, LogStream, TaskState } from '../../tasks/kind.ts'
import type { LogEntry } from '../../tasks/log-chunk.ts'
import { wireDate, wireDateOrNull } from '../dates.ts'

export type ActivityStatus =
  | 'Pending'
  | 'Running'
  | 'Success'
  | 'Failed'
  | 'Skipped'
  | 'SuccessWithWarning'
  | 'Canceled'

/** One line of an activity's log. A `Gap` stands for lines left out: `Number` to `GapLastNumber`. */
export interface ActivityEntry {
  Category: 'Info' | 'Error' | 'Gap'
  OccurredAt: string | null
  MessageText: string
  Detail: string | null
  Number: number
  GapLastNumber?: number
  /** True when the next entry of the same stream goes on with the same, very long line. */
  IsContinued?: true
}

/** A node of the log tree. `Id` stays the same from one reading to the next. */
export interface ActivityNode {
  Id: string
  Name: string
  Status: ActivityStatus
  Started: string | null
  Ended: string | null
  Children: ActivityNode[]
  ShowAtSummaryLevel: boolean
  LogElements: ActivityEntry[]
  ProgressPercentage: number
  ProgressMessage: string
}

export function activityNode(node: {
  id: string
  name: string
  status: ActivityStatus
  started: Date | null
  ended: Date | null
  entries: ActivityEntry[]
  children: ActivityNode[]
  message: string
}): ActivityNode {
  return {
    Id: node.id,
    Name: node.name,
    Status: node.status,
    Started: wireDateOrNull(node.started),
    Ended: wireDateOrNull(node.ended),
    Children: node.children,
    ShowAtSummaryLevel: true,
    LogElements: node.entries,
    ProgressPercentage: node.status === 'Pending' || node.status === 'Running' ? 0 : 100,
    ProgressMessage: node.message,
  }
}

const STATUS: Readonly<Record<Exclude<TaskState, FinalState>, ActivityStatus>> = {
  Queued: 'Pending',
  Executing: 'Running',
  Cancelling: 'Running',
}

/** A task's state as the log tree has it. */
export function statusOfTask(state: TaskState, hasWarnings: boolean): ActivityStatus {
  return state in STATUS ? STATUS[state as keyof typeof STATUS] : statusOfOutcome(state, hasWarnings)
}

/** How an attempt ended; what is no final state of a task is an attempt that went back to the queue. */
export function statusOfOutcome(outcome: string | null, hasWarnings: boolean): ActivityStatus {
  switch (outcome) {
    case null:
      return 'Running'
    case 'Success':
      return hasWarnings ? 'SuccessWithWarning' : 'Success'
    case 'Failed':
    case 'TimedOut':
      return 'Failed'
    case 'Canceled':
      return 'Canceled'
    default:
      return 'Skipped'
  }
}

const CATEGORIES = { output: 'Info', error: 'Error', tako: 'Info' } as const satisfies Record<LogStream, string>

export function activityEntry({ number, at, stream, text, continued }: LogEntry): ActivityEntry {
  return {
    Category: CATEGORIES[stream],
    OccurredAt: wireDate(new Date(at)),
    MessageText: text,
    Detail: null,
    Number: number,
    ...(continued ? { IsContinued: true as const } : {}),
  }
}

/** Stands for the lines from `first` to `last`, which are left out. */
export function gapEntry(first: number, last: number): ActivityEntry {
  const count = last - first + 1
  return {
    Category: 'Gap',
    OccurredAt: null,
    MessageText: `${count} ${count === 1 ? 'line is' : 'lines are'} left out here.`,
    Detail: null,
    Number: first,
    GapLastNumber: last,
  }
}
