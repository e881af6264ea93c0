import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { ApiError } from '../../api/api-error.ts'
import { createTask } from '../../api/tasks.ts'
import { useAction } from '../../parts/use-action.ts'
import { useCurrentUser } from '../../session/current-session.ts'
import type { Draft } from './draft.ts'
import { type Faults, faultsOf, faultsOfSentences, requestOf } from './request.ts'
import { forgetDraft, useDraft } from './use-draft.ts'

const NO_FAULTS: { faults: Faults; others: string[] } = { faults: {}, others: [] }

/** The form's state: what is typed, what is wrong with it, and its start. */
export function useNewTask(name: string, begin: Draft) {
  const draftName = `${useCurrentUser().Id}-${name}`
  const { draft, change, isChanged, restart } = useDraft(draftName, begin)
  const [edition, setEdition] = useState(0)
  const [isTried, setIsTried] = useState(false)
  /** What was sent last; the server's words are about that and go with the first change. */
  const [sent, setSent] = useState<Draft>()
  const create = useAction(createTask)
  const navigate = useNavigate()
  const form = useRef<HTMLFormElement>(null)

  const refused = create.error instanceof ApiError && create.error.status === 400 ? create.error : undefined
  const told = refused && sent === draft ? faultsOfSentences(refused.sentences) : NO_FAULTS
  const faults: Faults = { ...told.faults, ...(isTried ? faultsOf(draft) : {}) }
  const focusFault = () => requestAnimationFrame(() => focusFirstFault(form.current))

  async function submit(): Promise<void> {
    setIsTried(true)
    if (Object.keys(faultsOf(draft)).length > 0) return void focusFault()
    setSent(draft)
    const task = await create.start(requestOf(draft))
    if (!task) return void focusFault()
    await navigate({ to: '/tasks/$id', params: { id: task.Id } })
    forgetDraft(draftName)
  }

  return {
    form,
    draft,
    /** Another one each time the form is cleared. */
    edition,
    change,
    faults,
    /** What stands beside the button: what is about no field. */
    error: refused ? told.others.join(' ') || undefined : create.error,
    isPending: create.isPending,
    isChanged,
    submit,
    clear() {
      restart()
      setEdition(edition + 1)
      setIsTried(false)
      create.reset()
    },
  }
}

function focusFirstFault(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
