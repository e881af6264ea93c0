import { Button, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { sessionHasEnded, sessionIsBack } from '../api/session-end.ts'
import { useStore } from '../api/store.ts'
import { readSession, sessionQuery } from '../api/users.ts'
import type { User } from '../api/wire.ts'
import { useCurrentUser } from './current-session.ts'
import { startAnew } from './leave.ts'
import { tellOtherTabs } from './other-tabs.ts'
import { SignInForm } from './sign-in-form.tsx'

/** Opens over the page when the session has ended. Everything typed stays, and what was asked is asked again afterwards. */
export function SessionDialog() {
  const isOpen = useStore(sessionHasEnded)
  const user = useCurrentUser()
  const client = useQueryClient()

  const onDone = async (found: User) => {
    tellOtherTabs(found.Id)
    // What is on the page was read for somebody else.
    if (found.Id !== user.Id) return startAnew()
    client.setQueryData(sessionQuery().queryKey, await readSession())
    sessionIsBack()
  }
  useEffect(() => (isOpen ? shieldWhatIsBelow() : undefined), [isOpen])

  return (
    <Modal
      opened={isOpen}
      onClose={() => {}}
      title="Your session has ended"
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={1000}
      data-session-dialog
    >
      <Text size="sm" mb="md">
        Sign in again to go on where you are. Nothing you typed is lost.
      </Text>
      <SignInForm username={user.Username} onDone={onDone} />
      <Button variant="default" fullWidth mt="xs" onClick={() => window.location.reload()}>
        Leave this page and sign in anew
      </Button>
    </Modal>
  )
}

/**
 * Popovers and dialogs below this one close when somebody clicks outside of them or presses Escape, and with them would go
 * what was typed there: nothing of what happens in this dialog reaches them. Returns how to end that.
 */
function shieldWhatIsBelow(): () => void {
  const insideOf = ({ target }: Event) =>
    target instanceof Element && target.closest('[data-session-dialog]') ? target : undefined
  const onPress = (event: Event) => {
    if (insideOf(event)) event.stopPropagation()
  }
  // Mantine's dialogs leave the keys of an element alone that says so.
  const onFocus = (event: Event) => insideOf(event)?.setAttribute('data-mantine-stop-propagation', 'true')
  const { body } = document
  for (const name of PRESSES) body.addEventListener(name, onPress)
  body.addEventListener('focusin', onFocus)
  return () => {
    for (const name of PRESSES) body.removeEventListener(name, onPress)
    body.removeEventListener('focusin', onFocus)
  }
}

const PRESSES = ['mousedown', 'touchstart', 'pointerdown'] as const
