import { Button, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { pauseQueue, resumeQueue } from '../../api/nodes.ts'
import type { Cluster } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedSwitch } from '../../session/allowed-switch.tsx'
import classes from '../shared/drain-form.module.css'
import { useToastedAction } from '../shared/use-toasted-action.ts'

/** Pauses the queue, having asked why, and resumes it. */
export function PauseSwitch({ cluster }: { cluster: Pick<Cluster, 'IsPaused'> }) {
  const [isOpen, setIsOpen] = useState(false)
  const resume = useToastedAction(resumeQueue)
  return (
    <Popover opened={isOpen} onChange={setIsOpen} width={300} position="bottom-end" withArrow withRoles={false}>
      <Popover.Target>
        <span>
          <AllowedSwitch
            permission="QueuePause"
            size="sm"
            label={cluster.IsPaused ? 'Paused' : 'Pause'}
            aria-label="Pause the queue"
            because={resume.isPending ? 'The queue is being resumed.' : undefined}
            checked={cluster.IsPaused}
            onChange={() => (cluster.IsPaused ? void resume.start() : setIsOpen(true))}
          />
        </span>
      </Popover.Target>
      <Popover.Dropdown>{isOpen && <PauseForm onClose={() => setIsOpen(false)} />}</Popover.Dropdown>
    </Popover>
  )
}

function PauseForm({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('')
  const pause = useAction(pauseQueue)
  const submit = async () => {
    const text = reason.trim()
    if ((await pause.start(text === '' ? {} : { reason: text })) !== undefined) onClose()
  }
  return (
    <form
      className={classes.form}
      aria-label="Pause the queue"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <strong>Pause the queue</strong>
      <span>No queued task starts on any node until the queue is resumed. What runs goes on.</span>
      <TextInput
        label="Reason"
        size="xs"
        data-autofocus
        maxLength={500}
        autoComplete="off"
        placeholder="Why, for those who see it"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <ErrorText error={pause.error} />
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={onClose}>
          Close
        </Button>
        <Button size="xs" type="submit" loading={pause.isPending}>
          Pause queue
        </Button>
      </div>
    </form>
  )
}
