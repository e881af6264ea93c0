import { constants, open } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import type { LogStream, TaskOutput } from '../kind.ts'

/** The reading of one stream of a script. */
export interface OutputReader {
  /** Resolves when everything was handed on, or when reading was given up; never rejects. */
  readonly done: Promise<void>
  /** True while it waits for the writer to have room, and not for the script. */
  isHeldBack(): boolean
  /** True when at least one byte came. */
  sawBytes(): boolean
  giveUp(): void
}

const openFile = promisify(open)

/**
 * Reads a FIFO into a task's output. While the writer is full nothing is read, so that the script waits in its own write.
 * The FIFO has to have a writer already, or it ends at once.
 */
export async function readFifo(fifo: string, stream: LogStream, output: TaskOutput): Promise<OutputReader> {
  const fd = await openFile(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  let sawBytes = false
  let isHeldBack = false
  let endWait = () => {}

  const waitForRoom = async () => {
    isHeldBack = true
    await new Promise<void>((resolve) => {
      endWait = resolve
      output.drained().then(resolve, () => resolve())
    })
    isHeldBack = false
  }
  const readAll = async () => {
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      sawBytes = true
      output.bytes(stream, chunk)
      if (output.isFull()) await waitForRoom()
    }
  }
  return {
    done: readAll().catch(() => {}),
    isHeldBack: () => isHeldBack,
    sawBytes: () => sawBytes,
    giveUp: () => {
      socket.destroy()
      endWait()
    },
  }
}
