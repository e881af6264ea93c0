import { z } from 'zod'

/** `{id}`: `ServerTasks-<n>`, in any letter case. */
export const taskParams = z.object({
  id: z.string().meta({ description: 'The id of the task, such as ServerTasks-7.' }),
})
