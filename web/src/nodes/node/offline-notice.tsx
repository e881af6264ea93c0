import { useQuery } from '@tanstack/react-query'
import { declareNodeDead, deleteNode, lostTasksQuery } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { ask } from '../../parts/confirm-store.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { Notice } from '../../parts/notice.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { useMay } from '../../session/current-session.ts'
import { declareDeadQuestion, deleteQuestion, whyNoDelete } from '../shared/node-questions.ts'
import { canRunAgain } from './lost-words.ts'
import classes from './offline-notice.module.css'
import { offlineAdvice } from './offline-words.ts'
import { sentence } from './time-line-entry.ts'

/** Since when and why a node is offline, and what to do. */
export function OfflineNotice({ node, onDeleted }: { node: Node; onDeleted: () => void }) {
  const dead = useAction(declareNodeDead)
  const remove = useAction(deleteNode)
  const { data: lost } = useQuery({ ...lostTasksQuery(node.Id), enabled: useMay('TaskView') })
  const toRerun = lost?.Items.filter(canRunAgain).length ?? 0
  const isOpen = node.RunningTaskCount > 0
  const declareDead = async () => {
    if (await ask(declareDeadQuestion(node))) void dead.start({ node })
  }
  const startDelete = async () => {
    if (!(await ask(deleteQuestion(node)))) return
    if ((await remove.start({ node })) !== undefined) onDeleted()
  }
  return (
    <div className={classes.place}>
      <Notice
        state="Offline"
        role="status"
        actions={
          <>
            {isOpen && (
              <AllowedButton
                permission="ServerNodeDelete"
                size="xs"
                variant="default"
                loading={dead.isPending}
                onClick={() => void declareDead()}
              >
                Declare dead…
              </AllowedButton>
            )}
            <AllowedButton
              permission="ServerNodeDelete"
              because={whyNoDelete(node)}
              size="xs"
              variant="default"
              loading={remove.isPending}
              onClick={() => void startDelete()}
            >
              Delete…
            </AllowedButton>
          </>
        }
      >
        <p className={classes.cause}>
          <strong>
            {node.Name} went offline <TimeAgo date={node.OfflineSince} without="at an unknown time" />.
          </strong>{' '}
          {sentence(node.OfflineCause ?? '')}
        </p>
        <ul className={classes.advice} aria-label="What to do">
          {offlineAdvice(node, toRerun).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <ErrorText error={dead.error ?? remove.error} />
      </Notice>
    </div>
  )
}
