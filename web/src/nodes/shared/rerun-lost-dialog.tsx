import { Button, Checkbox, Group, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { lostTasksQuery, rerunLost } from '../../api/nodes.ts'
import type { LostTask, Node, Page, RerunResult } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { Empty, Loaded } from '../../parts/load-states.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import classes from './rerun-lost-dialog.module.css'

export interface RerunLostDialogProps {
  node: Pick<Node, 'Id' | 'Name'>
  isOpen: boolean
  onClose: () => void
}

/** The tasks that a node lost within the last day, and their re-run, each once. */
export function RerunLostDialog({ node, isOpen, onClose }: RerunLostDialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} size="lg" title={`Tasks that ${node.Name} lost`}>
      {isOpen && <Content node={node} onClose={onClose} />}
    </Modal>
  )
}

function Content({ node, onClose }: Pick<RerunLostDialogProps, 'node' | 'onClose'>) {
  const query = useQuery(lostTasksQuery(node.Id))
  return (
    <Loaded query={query}>
      {(page) =>
        page.Items.length === 0 ? (
          <Empty title="It lost no tasks">Within the last day no task failed because this node was lost.</Empty>
        ) : (
          <LostTasks node={node} page={page} onClose={onClose} />
        )
      }
    </Loaded>
  )
}

interface LostTasksProps extends Pick<RerunLostDialogProps, 'node' | 'onClose'> {
  page: Page<LostTask>
}

function LostTasks({ node, page, onClose }: LostTasksProps) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const rerun = useAction(rerunLost)
  const [refused, setRefused] = useState<RerunResult[]>([])
  const open = page.Items.filter((task) => task.RerunTaskId === null)
  const chosen = open.filter(({ Id }) => !left.has(Id))
  const start = async () => {
    const done = await rerun.start({ node, taskIds: chosen.map(({ Id }) => Id) })
    if (!done) return
    const refusals = done.Results.filter(({ Refusal }) => Refusal !== null)
    setRefused(refusals)
    if (refusals.length === 0) onClose()
  }
  return (
    <>
      <p className={classes.intro}>
        {page.TotalResults > page.Items.length && `The newest ${page.Items.length} of ${page.TotalResults}. `}
        Each was settled as failed because the node was gone. A task is run again once, however often it is asked for.
      </p>
      <ul className={classes.list}>
        {page.Items.map((task) => (
          <li key={task.Id} className={classes.item}>
            <Checkbox
              size="xs"
              aria-label={`Run ${task.Id} again`}
              disabled={task.RerunTaskId !== null}
              checked={task.RerunTaskId === null && !left.has(task.Id)}
              onChange={() => setLeft(toggled(left, task.Id))}
            />
            <div className={classes.task}>
              <Link to="/tasks/$id" params={{ id: task.Id }}>
                {task.Description || task.Id}
              </Link>
              <div className={classes.more}>
                {task.Id}, lost <TimeAgo date={task.CompletedTime} />
                <Refusal refusal={refused.find(({ TaskId }) => TaskId === task.Id)?.Refusal} />
              </div>
            </div>
            {task.RerunTaskId !== null && (
              <Link to="/tasks/$id" params={{ id: task.RerunTaskId }} className={classes.again}>
                Ran again as {task.RerunTaskId}
              </Link>
            )}
          </li>
        ))}
      </ul>
      <ErrorText error={rerun.error} />
      <Group justify="flex-end" mt="md" gap="sm">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <AllowedButton
          permission="TaskCreate"
          because={chosen.length === 0 ? 'No task is chosen that has not run again.' : undefined}
          loading={rerun.isPending}
          onClick={() => void start()}
        >
          Run {chosen.length} again
        </AllowedButton>
      </Group>
    </>
  )
}

function Refusal({ refusal }: { refusal: string | null | undefined }) {
  return refusal ? <div className={classes.refusal}>{refusal}</div> : null
}

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids)
  if (!next.delete(id)) next.add(id)
  return next
}
