import type { Cli } from './cli.ts'
import { loadText, pausedLines } from './node-text.ts'
import type { QueueResource } from './wire.ts'

/** Shows the queue: the API's answer with `--json`, else its sentences. */
export function showQueue({ screen, api, json }: Cli, queue: QueueResource): void {
  if (json) screen.json(queue)
  else screen.text(queueLines(queue, api.nowMs()))
}

/** What runs, what waits, and whether it is paused. */
function queueLines(queue: QueueResource, nowMs: number): string[] {
  const load = loadText(
    queue.ExecutingTaskCount,
    queue.TotalTaskCap,
    queue.QueuedTaskCount,
    queue.OldestQueuedAt,
    nowMs,
  )
  return [load, ...(queue.IsPaused ? pausedLines(queue, nowMs) : ['The queue is not paused.'])]
}
