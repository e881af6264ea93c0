import { ActionIcon, TextInput } from '@mantine/core'
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { sentenceOf } from '../../api/api-error.ts'
import { setTaskCap } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { toastUndoable } from '../../parts/toast.tsx'
import { useAction } from '../../parts/use-action.ts'
import { AllowedIcon } from '../../session/allowed-button.tsx'
import classes from './cap-editor.module.css'
import { capSentence, readCap } from './cap-text.ts'
import { useToastedAction } from './use-toasted-action.ts'

type Capped = Pick<Node, 'Id' | 'Name' | 'MaxConcurrentTasks' | 'RunningTaskCount'>

// The editor says itself what was done, since it can take it back.
const SET_QUIETLY = { ...setTaskCap, done: () => undefined } satisfies typeof setTaskCap

/** A node's task cap, edited in place: Enter sets it, Escape leaves it. */
export function CapEditor({ node }: { node: Capped }) {
  const [isOpen, setIsOpen] = useState(false)
  // Here, since the field is gone when somebody takes the change back.
  const undo = useToastedAction(setTaskCap)
  const button = useRef<HTMLButtonElement>(null)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  const onSet = (cap: number, before: number) => {
    const sentence = capSentence(node.Name, cap, node.RunningTaskCount)
    toastUndoable(sentence, () => void undo.start({ node, cap: before }))
    setIsOpen(false)
  }
  if (isOpen) return <CapField node={node} onSet={onSet} onClose={() => setIsOpen(false)} />
  return (
    <span className={classes.value}>
      <span className="tabular">{node.MaxConcurrentTasks}</span>
      <AllowedIcon
        ref={button}
        permission="ServerNodeEdit"
        label={`Change the task cap of ${node.Name}`}
        variant="subtle"
        color="gray"
        size="sm"
        onClick={() => setIsOpen(true)}
      >
        <IconPencil size={14} aria-hidden />
      </AllowedIcon>
    </span>
  )
}

interface CapFieldProps {
  node: Capped
  onSet: (cap: number, before: number) => void
  onClose: () => void
}

function CapField({ node, onSet, onClose }: CapFieldProps) {
  const [text, setText] = useState(String(node.MaxConcurrentTasks))
  const [problem, setProblem] = useState<string>()
  const change = useAction(SET_QUIETLY)

  const submit = async () => {
    const read = readCap(text)
    if ('problem' in read) return setProblem(read.problem)
    const before = node.MaxConcurrentTasks
    if (read.cap === before) return onClose()
    if ((await change.start({ node, cap: read.cap })) !== undefined) onSet(read.cap, before)
  }

  const error = problem ?? (change.error && sentenceOf(change.error))
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className={classes.line}>
        <TextInput
          size="xs"
          autoFocus
          inputMode="numeric"
          autoComplete="off"
          aria-label={`Task cap of ${node.Name}`}
          value={text}
          error={error}
          classNames={{ root: classes.field, input: classes.input, error: classes.error }}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => {
            setText(event.currentTarget.value)
            setProblem(undefined)
            change.reset()
          }}
        />
        <ActionIcon type="submit" size="sm" variant="light" aria-label="Set task cap" loading={change.isPending}>
          <IconCheck size={14} aria-hidden />
        </ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Leave it" onClick={onClose}>
          <IconX size={14} aria-hidden />
        </ActionIcon>
      </div>
    </form>
  )
}
