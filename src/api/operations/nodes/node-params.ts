import { z } from 'zod'

/** `{id}`: the node's id or name, in any letter case. */
export const nodeParams = z.object({
  id: z.string().meta({ description: 'The id or name of the node, in any letter case.' }),
})

/** Both refuse with a sentence of their own, since a cap is what people set by hand. */
export const taskCap = z
  .int()
  .min(0)
  .max(1000)
  .meta({ description: 'The most tasks the node runs at once: 0 to 1000.' })
