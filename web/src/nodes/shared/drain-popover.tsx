import { Popover } from '@mantine/core'
import type { ReactElement } from 'react'
import { useStore } from '../../api/store.ts'
import { openQuestion } from '../../parts/confirm-store.ts'
import { DrainForm, type DrainFormProps } from './drain-form.tsx'

export interface DrainPopoverProps extends DrainFormProps {
  isOpen: boolean
  /** What it hangs from; gets the focus back. */
  children: ReactElement
}

/** The form of a drain beside the control that opens it. Stays open while the server asks for a confirmation. */
export function DrainPopover({ isOpen, nodes, onClose, onDone, children }: DrainPopoverProps) {
  const isAsking = useStore(openQuestion) !== undefined
  return (
    <Popover
      opened={isOpen}
      onChange={(opened) => !opened && !isAsking && onClose()}
      width={350}
      position="bottom-end"
      withRoles={false}
      withArrow
      closeOnClickOutside={!isAsking}
      closeOnEscape={!isAsking}
      trapFocus={!isAsking}
      middlewares={{ shift: { padding: 8 }, flip: true }}
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown>{isOpen && <DrainForm nodes={nodes} onClose={onClose} onDone={onDone} />}</Popover.Dropdown>
    </Popover>
  )
}
