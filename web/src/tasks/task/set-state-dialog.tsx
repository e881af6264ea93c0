import { Button, Group, Modal, SegmentedControl, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { setTaskState } from '../../api/tasks.ts'
import type { FullTask } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { useAction } from '../../parts/use-action.ts'

type Settable = 'Success' | 'Failed'

/** Says how a task that has ended is to be taken, and why. */
export function SetStateDialog({ task, isOpen, onClose }: { task: FullTask; isOpen: boolean; onClose: () => void }) {
  const [state, setState] = useState<Settable>()
  const [reason, setReason] = useState('')
  const setting = useAction(setTaskState)
  const chosen = state ?? (task.State === 'Success' ? 'Failed' : 'Success')
  const close = () => {
    setting.reset()
    setState(undefined)
    setReason('')
    onClose()
  }
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim() !== '' && (await setting.start({ task, state: chosen, reason: reason.trim() }))) close()
  }
  return (
    <Modal opened={isOpen} onClose={close} title={`Set the state of ${task.Id}`}>
      <form onSubmit={(event) => void send(event)}>
        <Text size="sm" mb="sm">
          Its attempt stays as it was. Your name and the reason are kept with the task and in the audit trail.
        </Text>
        <SegmentedControl
          fullWidth
          aria-label="State"
          data={['Success', 'Failed'].map((name) => ({ value: name, label: name, disabled: name === task.State }))}
          value={chosen}
          onChange={(value) => setState(value === 'Failed' ? 'Failed' : 'Success')}
        />
        <TextInput
          mt="md"
          label="Reason"
          required
          maxLength={500}
          data-autofocus
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ErrorText error={setting.error} />
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          <Button type="submit" loading={setting.isPending} disabled={reason.trim() === ''}>
            Set to {chosen}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
