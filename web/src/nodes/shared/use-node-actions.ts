import { declareNodeDead, deleteNode, retireNode, stepDown } from '../../api/nodes.ts'
import { ask } from '../../parts/confirm-store.ts'
import {
  type ActingNode,
  declareDeadQuestion,
  deleteQuestion,
  retireQuestion,
  stepDownQuestion,
} from './node-questions.ts'
import { useToastedAction } from './use-toasted-action.ts'

/** What a node's menu does that needs to be confirmed. Each asks first. */
export function useNodeActions(node: ActingNode, onDeleted: (() => void) | undefined) {
  const step = useToastedAction(stepDown)
  const retire = useToastedAction(retireNode)
  const dead = useToastedAction(declareNodeDead)
  const remove = useToastedAction(deleteNode)
  return {
    async stepDown() {
      if (await ask(stepDownQuestion(node))) await step.start({})
    },
    async retire() {
      if (await ask(retireQuestion(node))) await retire.start({ node })
    },
    async declareDead() {
      if (await ask(declareDeadQuestion(node))) await dead.start({ node })
    },
    async remove() {
      if (!(await ask(deleteQuestion(node)))) return
      if ((await remove.start({ node })) !== undefined) onDeleted?.()
    },
  }
}
