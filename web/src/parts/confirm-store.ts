import type { ReactNode } from 'react'
import type { ConfirmWords } from '../api/action.ts'
import { createStore } from '../api/store.ts'

export interface Question extends ConfirmWords {
  /** The consequence, naming the thing. */
  body: ReactNode
  /** On the button that changes nothing, where `Cancel` would be taken for the action itself. */
  leave?: string
  /** What has to be typed before going on, for what cannot be undone and does harm when it is wrong. */
  typeToConfirm?: string
}

interface OpenQuestion extends Question {
  answer(isConfirmed: boolean): void
}

export const openQuestion = createStore<OpenQuestion | undefined>(undefined)

/** Opens the confirm dialog; resolves true when the user goes on. A question that is open already is answered with no. */
export function ask(question: Question): Promise<boolean> {
  openQuestion.get()?.answer(false)
  return new Promise((resolve) => {
    openQuestion.set({
      ...question,
      answer(isConfirmed) {
        openQuestion.set(undefined)
        resolve(isConfirmed)
      },
    })
  })
}
