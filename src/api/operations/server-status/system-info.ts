import { readFile } from 'node:fs/promises'
import { availableParallelism, release, type } from 'node:os'
import { SECOND } from '../../../lib/clock.ts'
import { formatTimeSpan } from '../../../lib/duration.ts'
import { operation } from '../../operation.ts'

/** `GET /api/serverstatus/system-info`: of the node that answers. */
export const getSystemInfo = operation({
  method: 'GET',
  path: '/serverstatus/system-info',
  scope: 'server',
  permission: 'ServerNodeView',
  summary: 'Version, operating system, memory and uptime of the node that answers',
  answers: { 200: 'What the process knows of itself.' },
  handle: async ({ context }) => ({
    Version: context.version,
    OSVersion: `${type()} ${release()}`,
    ClrVersion: `Node.js ${process.version}`,
    NodeName: context.node.name,
    ThreadCount: await threadCount(),
    MinThreadPoolCount: availableParallelism(),
    WorkingSetBytes: process.memoryUsage.rss(),
    Uptime: formatTimeSpan(process.uptime() * SECOND),
    Links: { Self: '/api/serverstatus/system-info' },
  }),
})

/** As Linux tells it; elsewhere the one thread that is sure. */
async function threadCount(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  return Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 1)
}
