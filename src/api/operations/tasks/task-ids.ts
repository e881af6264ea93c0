import { z } from 'zod'
import { numberOfId } from '../../ids.ts'

/** More tasks are not changed by one request. */
export const MOST_CHANGED = 1000

/** `TaskIds`: 1 to 1000 ids such as `ServerTasks-7`, in any letter case; come out as numbers, each once, in their order. */
export function taskIds() {
  return z
    .array(
      z.string().transform((id, check) => {
        const number = numberOfId('ServerTasks', id)
        if (number !== undefined) return number
        const message = `must be the id of a task such as ServerTasks-7, not ${JSON.stringify(id.slice(0, 60))}.`
        check.issues.push({ code: 'custom', message, input: id })
        return z.NEVER
      }),
    )
    .min(1)
    .max(MOST_CHANGED)
    .transform((ids) => [...new Set(ids)])
    .meta({ description: `Ids such as ServerTasks-7, at most ${MOST_CHANGED}.` })
}
