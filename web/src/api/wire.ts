import type { attemptView } from '../../../src/api/views/attempt-view.ts'
import type { clusterSummaryView, queueView } from '../../../src/api/views/cluster-view.ts'
import type { eventView } from '../../../src/api/views/event-view.ts'
import type { schedulerView } from '../../../src/api/views/job-view.ts'
import type { nodeView } from '../../../src/api/views/node-view.ts'
import type { taskView } from '../../../src/api/views/task-view.ts'
import type { whatIfView } from '../../../src/api/views/what-if-view.ts'

export type Node = ReturnType<typeof nodeView>
export type Drain = NonNullable<Node['Drain']>
export type Cluster = ReturnType<typeof clusterSummaryView>
export type Queue = ReturnType<typeof queueView>

/** `GET /api/octopusservernodes/summary`. */
export interface NodeSummary {
  Nodes: Node[]
  Cluster: Cluster
}

/** What a node did within one minute; `At` is its beginning. */
export interface LoadMinute {
  At: string
  /** The most attempts that ran at the same time. */
  Running: number
  Started: number
  Finished: number
  /** Of `Finished`. */
  Failed: number
}

/** `GET /api/octopusservernodes/{id}/load`: oldest minute first, the last one as far as it has come. */
export interface NodeLoad {
  NodeId: string
  MaxConcurrentTasks: number
  Minutes: LoadMinute[]
}

/** `GET /api/octopusservernodes/what-if`. */
export type WhatIf = ReturnType<typeof whatIfView>

/** A task as lists and answers to changes have it. */
export type Task = ReturnType<typeof taskView>
export type TaskState = Task['State']
export type Attempt = ReturnType<typeof attemptView>

/** A task that ended because its node was lost. */
export interface LostTask extends Task {
  RerunTaskId: string | null
}

/** What became of the wish to run a lost task again; `Refusal` is a sentence when it was not possible. */
export interface RerunResult {
  TaskId: string
  RerunTaskId: string | null
  IsNew: boolean
  Refusal: string | null
}

/** A task as it is alone. */
export interface FullTask extends Task {
  Attempts: Attempt[]
  LogLineCount: number
}

/** `GET /api/tasks/tasktypes`, one entry. */
export interface TaskType {
  Id: string
  Name: string
  Title: string
  CanBeCreated: boolean
}

export interface LogLine {
  Number: number
  Attempt: number
  At: string
  Stream: 'output' | 'error' | 'tako'
  Text: string
  IsContinued?: true
}

/** `GET /api/tasks/{id}/log`. */
export interface LogPage {
  TaskId: string
  From: number
  Next: number
  TotalLines: number
  IsCompleted: boolean
  State: TaskState
  Lines: LogLine[]
}

/** `GET /api/tasks/{id}/log/search`. */
export interface LogFindings {
  /** Where to go on, unless `IsAtEnd`. */
  Next: number
  TotalLines: number
  IsAtEnd: boolean
  IsCompleted: boolean
  Lines: LogLine[]
}

export type Scheduler = ReturnType<typeof schedulerView>
export type Job = Scheduler['TaskStatus'][number]
export type AuditEvent = ReturnType<typeof eventView>

/** One page of a list. */
export interface Page<Item> {
  TotalResults: number
  ItemsPerPage: number
  NumberOfPages: number
  LastPageNumber: number
  Items: Item[]
  Links: Record<string, string>
}

export interface TaskPage extends Page<Task> {
  /** How many there are of each state, whatever states are asked for. */
  TotalCounts: Record<TaskState, number>
}

/** An entry of the lists behind the filters of events. */
export interface Named {
  Id: string
  Name: string
}

export interface EventGroup extends Named {
  EventCategories: string[]
}

export interface User {
  Id: string
  Username: string
  DisplayName: string
  EmailAddress: string | null
  Role: 'administrator' | 'operator' | 'viewer'
  IsActive: boolean
  IsService: boolean
  CanPasswordBeEdited: boolean
  Created: string
}

/** `GET /api/users/{id}/permissions`. */
export interface UserPermissions {
  SpacePermissions: Record<string, unknown>
  SystemPermissions: string[]
}

export interface ApiKey {
  Id: string
  Purpose: string
  UserId: string
  Created: string
  Expires: string | null
  LastUsed: string | null
  LastUsedFrom: string | null
  LastUsedNode: string | null
  ApiKey: { HasValue: true; NewValue: null; Hint: string }
}

/** The answer to a key's creation, the only one that has its text. */
export interface NewApiKey extends Omit<ApiKey, 'ApiKey'> {
  ApiKey: string
}
