import { ActionIcon, Menu } from '@mantine/core'
import { IconArrowBarToUp, IconCopy, IconDots, IconPencilPlus, IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useContext, useState } from 'react'
import type { Task } from '../../api/wire.ts'
import { copyText } from '../../parts/copy-text.ts'
import { toastDone } from '../../parts/toast.tsx'
import { AllowedMenuItem } from '../../session/allowed-button.tsx'
import { whyNotCancel, whyNotRerun, whyNotToTop } from '../shared/why-not.ts'
import { TaskActionsContext } from './use-task-actions.ts'

/** What can be done with one task. The menu itself is made when it is first opened, since a page has many. */
export function RowMenu({ task }: { task: Task }) {
  const [isOpen, setIsOpen] = useState<boolean>()
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Actions for ${task.Id}`}
      aria-haspopup="menu"
      {...(isOpen === undefined ? { onClick: () => setIsOpen(true) } : {})}
    >
      <IconDots size={16} aria-hidden />
    </ActionIcon>
  )
  if (isOpen === undefined) return button
  return (
    <Menu opened={isOpen} onChange={setIsOpen} position="bottom-end" width={260}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Items task={task} />
      </Menu.Dropdown>
    </Menu>
  )
}

function Items({ task }: { task: Task }) {
  const actions = useContext(TaskActionsContext)
  const navigate = useNavigate()
  const runAgainWithChanges = () => void navigate({ to: '/tasks/new', search: { from: task.Id } })
  const copy = async () => {
    if (await copyText(task.Id)) toastDone(`${task.Id} is copied.`)
  }
  return (
    <>
      <AllowedMenuItem
        permission="TaskCreate"
        because={whyNotRerun(task)}
        leftSection={<IconRefresh size={15} aria-hidden />}
        onClick={() => void actions?.rerun([task])}
      >
        Run again
      </AllowedMenuItem>
      <AllowedMenuItem
        permission="TaskCreate"
        leftSection={<IconPencilPlus size={15} aria-hidden />}
        onClick={runAgainWithChanges}
      >
        Run again with changes
      </AllowedMenuItem>
      <AllowedMenuItem
        permission="TaskEdit"
        because={whyNotToTop(task)}
        leftSection={<IconArrowBarToUp size={15} aria-hidden />}
        onClick={() => void actions?.moveToTop([task])}
      >
        Move to top
      </AllowedMenuItem>
      <Menu.Item leftSection={<IconCopy size={15} aria-hidden />} onClick={() => void copy()}>
        Copy id
      </Menu.Item>
      <Menu.Divider />
      <AllowedMenuItem
        permission="TaskCancel"
        because={whyNotCancel(task)}
        color="red"
        leftSection={<IconPlayerStop size={15} aria-hidden />}
        onClick={() => void actions?.cancel([task])}
      >
        Cancel
      </AllowedMenuItem>
    </>
  )
}
