import type { Operation } from './operation.ts'
import { baseOperations, withRoot } from './operations/base.ts'
import {
  getEventAgents,
  getEventCategories,
  getEventDocumentTypes,
  getEventGroups,
} from './operations/events/event-lists.ts'
import { getEvent, getEvents } from './operations/events/list-events.ts'
import { streamEvents } from './operations/events/stream.ts'
import { getLeadership } from './operations/leadership/get-leadership.ts'
import { stepDownLeader } from './operations/leadership/step-down.ts'
import { postDeclareDead } from './operations/nodes/declare-dead.ts'
import { removeNode } from './operations/nodes/delete-node.ts'
import { postDrain, postUndrain } from './operations/nodes/drain-node.ts'
import { getNode, getNodeDetails } from './operations/nodes/get-node.ts'
import { allNodes, listNodes } from './operations/nodes/list-nodes.ts'
import { getLostTasks } from './operations/nodes/lost-tasks.ts'
import { getNodeLoad } from './operations/nodes/node-load.ts'
import { getNodeSummary } from './operations/nodes/node-summary.ts'
import { putNode } from './operations/nodes/put-node.ts'
import { postRerunLost } from './operations/nodes/rerun-lost.ts'
import { postRetire } from './operations/nodes/retire-node.ts'
import { getWhatIf } from './operations/nodes/what-if.ts'
import { getQueue } from './operations/queue/get-queue.ts'
import { postPause, postResume } from './operations/queue/pause-queue.ts'
import { getScheduler } from './operations/scheduler/get-scheduler.ts'
import { getJobLog, getJobRawLog } from './operations/scheduler/job-logs.ts'
import { startJobs, stopJobs } from './operations/scheduler/switch-jobs.ts'
import { triggerJob } from './operations/scheduler/trigger-job.ts'
import { getDocumentCounts } from './operations/server-status/document-counts.ts'
import { getExtensions } from './operations/server-status/extensions.ts'
import { getHealth } from './operations/server-status/health.ts'
import {
  getMaintenanceConfiguration,
  putMaintenanceConfiguration,
} from './operations/server-status/maintenance-configuration.ts'
import { getServerStatus } from './operations/server-status/server-status.ts'
import { getSystemInfo } from './operations/server-status/system-info.ts'
import { getTimezones } from './operations/server-status/timezones.ts'
import { postCancelMany } from './operations/tasks/cancel-tasks.ts'
import { postAbandon, postCancel, postPrioritize } from './operations/tasks/change-task.ts'
import { postTask } from './operations/tasks/create-task.ts'
import { getTask } from './operations/tasks/get-task.ts'
import { getAllTasks, getTasks } from './operations/tasks/list-tasks.ts'
import { getQueuedBehind } from './operations/tasks/queued-behind.ts'
import { postRerun } from './operations/tasks/rerun-task.ts'
import { getLogSearch } from './operations/tasks/search-log.ts'
import { postTaskState } from './operations/tasks/set-task-state.ts'
import { getStatusMessages } from './operations/tasks/status-messages.ts'
import { getTaskDetails } from './operations/tasks/task-details.ts'
import { getTaskLog } from './operations/tasks/task-log.ts'
import { getRawLog } from './operations/tasks/task-raw-log.ts'
import { getTaskTypes } from './operations/tasks/task-types.ts'

const nodeOperations = [
  listNodes,
  allNodes,
  getNodeSummary,
  getWhatIf,
  getNode,
  getNodeDetails,
  getNodeLoad,
  getLostTasks,
  postRerunLost,
  putNode,
  removeNode,
  postDrain,
  postUndrain,
  postDeclareDead,
  postRetire,
  getLeadership,
  stepDownLeader,
]

const taskOperations = [
  getTasks,
  getAllTasks,
  getTaskTypes,
  postTask,
  getTask,
  getTaskDetails,
  getTaskLog,
  getLogSearch,
  getRawLog,
  getStatusMessages,
  getQueuedBehind,
  postCancel,
  postCancelMany,
  postAbandon,
  postPrioritize,
  postTaskState,
  postRerun,
  getQueue,
  postPause,
  postResume,
  getScheduler,
  startJobs,
  stopJobs,
  triggerJob,
  getJobLog,
  getJobRawLog,
]

const eventOperations = [
  getEvents,
  getEvent,
  getEventCategories,
  getEventGroups,
  getEventAgents,
  getEventDocumentTypes,
  streamEvents,
]

const statusOperations = [
  getServerStatus,
  getHealth,
  getSystemInfo,
  getDocumentCounts,
  getTimezones,
  getExtensions,
  getMaintenanceConfiguration,
  putMaintenanceConfiguration,
]

/** Every operation of the API. */
export const allOperations: readonly Operation[] = withRoot([
  ...baseOperations,
  ...nodeOperations,
  ...taskOperations,
  ...eventOperations,
  ...statusOperations,
])
