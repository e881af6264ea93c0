import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowBarToUp,
  IconDots,
  IconPencilPlus,
  IconPlayerEject,
  IconPlayerStop,
  IconRefresh,
  IconWriting,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { abandonTask, cancelTask, moveTaskToTop, rerunTask } from '../../api/tasks.ts'
import type { FullTask } from '../../api/wire.ts'
import { ask } from '../../parts/confirm-store.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton, AllowedMenuItem } from '../../session/allowed-button.tsx'
import { whyNotCancel, whyNotRerun, whyNotToTop } from '../shared/why-not.ts'
import { SetStateDialog } from './set-state-dialog.tsx'
import { abandonQuestion, cancelQuestion, whyNotAbandon, whyNotSetState } from './task-questions.ts'

const ICON = { size: 16, 'aria-hidden': true } as const

/** What can be done with the task: what fits its state as a button, everything in the menu. */
export function TaskActions({ task }: { task: FullTask }) {
  const navigate = useNavigate()
  const cancelling = useAction(cancelTask)
  const rerunning = useAction(rerunTask)
  const moving = useAction(moveTaskToTop)
  const abandoning = useAction(abandonTask)
  const [isSettingState, setSettingState] = useState(false)

  const cancel = async () => {
    if (task.State === 'Queued' || (await ask(cancelQuestion(task)))) await cancelling.start({ task })
  }
  const abandon = async () => {
    if (await ask(abandonQuestion(task))) await abandoning.start({ task })
  }
  const rerun = async () => {
    const made = await rerunning.start({ task })
    if (made) await navigate({ to: '/tasks/$id', params: { id: made.Id } })
  }
  const toTop = () => void moving.start({ task })

  return (
    <>
      <ErrorText error={cancelling.error ?? rerunning.error ?? moving.error ?? abandoning.error} />
      {task.State === 'Queued' && !task.IsMovedToTop && (
        <AllowedButton
          permission="TaskEdit"
          variant="default"
          leftSection={<IconArrowBarToUp {...ICON} />}
          loading={moving.isPending}
          onClick={toTop}
        >
          Move to top
        </AllowedButton>
      )}
      {task.IsCompleted ? (
        <AllowedButton
          permission="TaskCreate"
          because={whyNotRerun(task)}
          variant="default"
          leftSection={<IconRefresh {...ICON} />}
          loading={rerunning.isPending}
          onClick={() => void rerun()}
        >
          Run again
        </AllowedButton>
      ) : (
        <AllowedButton
          permission="TaskCancel"
          because={whyNotCancel(task)}
          variant="default"
          leftSection={<IconPlayerStop {...ICON} />}
          loading={cancelling.isPending}
          onClick={() => void cancel()}
        >
          Cancel
        </AllowedButton>
      )}
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label="More actions" title="More actions">
            <IconDots {...ICON} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <AllowedMenuItem
            permission="TaskCreate"
            because={task.CanRerun || !task.IsCompleted ? undefined : whyNotRerun(task)}
            leftSection={<IconPencilPlus {...ICON} />}
            onClick={() => void navigate({ to: '/tasks/new', search: { from: task.Id } })}
          >
            Run again with changes
          </AllowedMenuItem>
          <AllowedMenuItem
            permission="TaskEdit"
            because={task.IsMovedToTop ? 'It is at the top already.' : whyNotToTop(task)}
            leftSection={<IconArrowBarToUp {...ICON} />}
            onClick={toTop}
          >
            Move to top
          </AllowedMenuItem>
          <AllowedMenuItem
            permission="TaskEdit"
            because={whyNotSetState(task)}
            leftSection={<IconWriting {...ICON} />}
            onClick={() => setSettingState(true)}
          >
            Set state
          </AllowedMenuItem>
          <Menu.Divider />
          <AllowedMenuItem
            permission="TaskAbandon"
            because={whyNotAbandon(task)}
            color="red"
            leftSection={<IconPlayerEject {...ICON} />}
            onClick={() => void abandon()}
          >
            Abandon
          </AllowedMenuItem>
        </Menu.Dropdown>
      </Menu>
      <SetStateDialog task={task} isOpen={isSettingState} onClose={() => setSettingState(false)} />
    </>
  )
}
