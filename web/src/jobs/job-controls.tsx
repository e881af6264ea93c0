import { IconPlayerPlay } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { runJobNow, switchJob } from '../api/scheduler.ts'
import type { Job } from '../api/wire.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { toastDone, toastFailed } from '../parts/toast.tsx'
import { useAction } from '../parts/use-action.ts'
import { AllowedButton } from '../session/allowed-button.tsx'
import { AllowedSwitch } from '../session/allowed-switch.tsx'
import { resultOf, whyNotNow } from './job-row.ts'
import classes from './jobs.module.css'

/** Switches a job on or off. */
export function JobSwitch({ job }: { job: Job }) {
  const change = useAction(switchJob)
  // While it is under way it shows what is wanted.
  const isOn = change.isPending ? !job.IsEnabled : job.IsEnabled
  return (
    <div className={classes.control}>
      <AllowedSwitch
        permission="TaskEdit"
        size="sm"
        aria-label={`${job.Name} on`}
        label={isOn ? 'On' : 'Off'}
        checked={isOn}
        onChange={(on) => void change.start({ job, on })}
      />
      <ErrorText error={change.error} />
    </div>
  )
}

/** Runs a job now and tells how it ended, with a link to its task. */
export function RunNow({ job }: { job: Job }) {
  const run = useAction(runJobNow)
  const navigate = useNavigate()
  const start = async () => {
    const sentence = await run.start({ job })
    if (sentence === undefined) return
    const { taskId, isBad } = resultOf(sentence)
    const link = taskId && {
      label: `Open ${taskId}`,
      href: `/app/tasks/${taskId}`,
      open: () => void navigate({ to: '/tasks/$id', params: { id: taskId } }),
    }
    const tell = isBad ? toastFailed : toastDone
    tell(sentence, link || undefined)
  }
  return (
    <div className={classes.control}>
      <AllowedButton
        permission="TaskEdit"
        because={run.isPending ? undefined : whyNotNow(job)}
        variant="default"
        size="xs"
        aria-label={`Run now: ${job.Name}`}
        leftSection={<IconPlayerPlay size={14} aria-hidden />}
        loading={run.isPending}
        onClick={() => void start()}
      >
        Run now
      </AllowedButton>
      <ErrorText error={run.error} />
    </div>
  )
}
