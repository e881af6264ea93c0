import type { DrainView, NodeView } from './view.ts'

/** What a node last knew of its own settings: with these it comes back when its row is gone. */
export interface NodeSelf {
  taskCap: number
  drain: DrainView | undefined
  drainNumber: number
}

export function selfOf({ taskCap, drain, drainNumber }: NodeView): NodeSelf {
  return { taskCap, drain, drainNumber }
}
