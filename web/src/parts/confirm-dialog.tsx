import { Button, Group, Modal, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from '../api/store.ts'
import { openQuestion } from './confirm-store.ts'

/** The one confirm dialog, which `ask` opens. Stands once in the page. */
export function ConfirmHost() {
  const question = useStore(openQuestion)
  // What was asked last stays drawn while the dialog fades out.
  const [shown, setShown] = useState(question)
  const [typed, setTyped] = useState('')
  useEffect(() => {
    if (!question) return
    setShown(question)
    setTyped('')
  }, [question])

  const words = question ?? shown
  const mustType = words?.typeToConfirm
  const isReady = mustType === undefined || typed.trim() === mustType
  return (
    <Modal opened={question !== undefined} onClose={() => question?.answer(false)} title={words?.title} zIndex={400}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) question?.answer(true)
        }}
      >
        <Text component="div" size="sm">
          {words?.body}
        </Text>
        {mustType !== undefined && (
          <TextInput
            mt="md"
            label={`Type ${mustType} to confirm`}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button
            variant="default"
            onClick={() => question?.answer(false)}
            data-autofocus={mustType === undefined || undefined}
          >
            {words?.leave ?? 'Cancel'}
          </Button>
          <Button type="submit" disabled={!isReady} {...(words?.isDangerous ? { color: 'red' } : {})}>
            {words?.action}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
