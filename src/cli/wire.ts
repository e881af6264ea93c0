/** The answers of the HTTP API, as far as the CLI reads them (docs/api.md). */

export interface Page<T> {
  TotalResults: number
  Items: T[]
}

export interface NodeDrain {
  Number: number
  Reason: string | null
  By: string | null
  Since: string | null
  Deadline: string | null
  CancelAtDeadline: boolean
  UndrainAt: string | null
  Retire: boolean
}

export interface NodeFitness {
  EventLoopLagMs?: number | null
  DatabaseRoundTripMs?: number | null
  ClockDifferenceMs?: number | null
  SharedFolderFreeBytes?: number | null
  Warnings?: string[]
}

export interface NodeResource {
  Id: string
  Name: string
  MaxConcurrentTasks: number
  LastSeen: string | null
  IsOffline: boolean
  RunningTaskCount: number
  Version: string | null
  IsLeader: boolean
  Status: 'Online' | 'Draining' | 'Drained' | 'Offline' | 'Starting'
  OfflineSince: string | null
  OfflineCause: string | null
  Url: string | null
  PingUrl: string | null
  StartTime: string | null
  Incarnation: string | null
  CanClaim: boolean
  Drain: NodeDrain | null
  Fitness: NodeFitness | null
}

export interface ClusterResource {
  LeaderNodeId: string | null
  Term: number
  LeaderSince: string | null
  IsPaused: boolean
  PauseReason: string | null
  PausedBy: string | null
  PausedAt: string | null
  TotalTaskCap: number
  RunningTaskCount: number
  QueuedTaskCount: number
  OldestQueuedAt: string | null
}

export interface ClusterSummary {
  Nodes: NodeResource[]
  Cluster: ClusterResource
}

export interface QueueResource {
  IsPaused: boolean
  PauseReason: string | null
  PausedBy: string | null
  PausedAt: string | null
  QueuedTaskCount: number
  ExecutingTaskCount: number
  OldestQueuedAt: string | null
  TotalTaskCap: number
}

export interface LeadershipResource {
  Term: number
  NodeId: string | null
  NodeName: string | null
  Since: string | null
}

export interface TaskAttempt {
  Attempt: number
  NodeId: string | null
  NodeName: string | null
  StartTime: string | null
  EndTime: string | null
  Outcome: string | null
  Cause: string | null
}

export interface TaskResource {
  Id: string
  SpaceId: string | null
  Name: string
  Description: string
  State: string
  Arguments: Record<string, unknown>
  QueueTime: string
  QueueTimeExpiry: string | null
  StartTime: string | null
  CompletedTime: string | null
  Duration: string | null
  ErrorMessage: string
  IsCompleted: boolean
  FinishedSuccessfully: boolean
  HasWarningsOrErrors: boolean
  CanRerun: boolean
  NodeName: string | null
  Attempt: number
  Attempts?: TaskAttempt[]
  QueuePosition?: number | null
  WaitingBecause: string | null
  NodeSilent: { Since: string; SettledAt: string | null } | null
  ExitCode: number | null
  TimesLost: number
  CreatedBy: string | null
  CancelRequestedAt: string | null
  CancelRequestedBy: string | null
  TimeLimit: string | null
  Priority: number
  LogLineCount?: number | null
  RerunOf: string | null
}

export interface TaskPage extends Page<TaskResource> {
  TotalCounts: Record<string, number>
}

export interface LostTaskPage extends Page<TaskResource & { RerunTaskId: string | null }> {
  Since: string
}

export interface RerunLostAnswer {
  NodeId: string
  Since: string | null
  Results: { TaskId: string; RerunTaskId: string | null; IsNew: boolean; Refusal: string | null }[]
  NewCount: number
}

export interface LogEntry {
  Number: number
  Attempt: number
  At: string
  Stream: 'output' | 'error' | 'tako'
  Text: string
  /** More of the same line follows in the next entry of the stream. */
  IsContinued?: boolean
}

export interface LogPage {
  TaskId: string
  From: number
  Next: number
  TotalLines: number
  IsCompleted: boolean
  State: string
  Lines: LogEntry[]
}

export interface JobResource {
  Id: string
  Name: string
  IsEnabled: boolean
  Kind: string
  Description: string
  Every: string
  NextDue: string | null
  LastDue: string | null
  LastTaskId: string | null
  LastNodeId: string | null
  LastStarted: string | null
  LastDuration: string | null
  LastResult: string | null
  IsOverdue: boolean
}

export interface SchedulerResource {
  IsRunning: boolean
  TaskStatus: JobResource[]
}

export interface EventResource {
  Id: string
  Category: string
  Username: string
  Occurred: string
  Message: string
}

export interface UserResource {
  Id: string
  Username: string
  DisplayName: string
  EmailAddress: string | null
  Role: string
  IsActive: boolean
  IsService: boolean
}

export interface ApiKeyResource {
  Id: string
  Purpose: string
  UserId: string
  Created: string
  Expires: string | null
  LastUsed: string | null
  /** The key itself in the answer that creates it, and only there. */
  ApiKey: string | { Hint: string | null }
}

export interface RootResource {
  Application: string
  Version: string
  InstallationId: string
}
