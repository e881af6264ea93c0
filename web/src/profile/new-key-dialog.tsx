import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { serverNow } from '../api/connection.ts'
import { createApiKey } from '../api/users.ts'
import type { NewApiKey } from '../api/wire.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { absoluteText } from '../parts/dates.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useCurrentUser } from '../session/current-session.ts'
import { endOf, LIFE_NAMES, LIVES, type Life } from './key-life.ts'
import classes from './profile.module.css'

/** Makes an API key, and shows it this once. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewApiKey>()
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? 'Your new API key' : 'New API key'}
      closeOnClickOutside={made === undefined}
      closeOnEscape={made === undefined}
    >
      {made ? <MadeKey made={made} onDone={onClose} /> : <KeyForm onMade={setMade} onCancel={onClose} />}
    </Modal>
  )
}

function KeyForm({ onMade, onCancel }: { onMade: (made: NewApiKey) => void; onCancel: () => void }) {
  const user = useCurrentUser()
  const create = useAction(createApiKey)
  const [purpose, setPurpose] = useState('')
  const [life, setLife] = useState<Life>('180')
  const [date, setDate] = useState('')
  const [wasTried, setTried] = useState(false)
  const end = endOf(life, date, serverNow())
  const purposeFault = purpose.trim() === '' ? 'Say what the key is for.' : undefined
  const dateFault = end === undefined ? 'Choose a day from today on.' : undefined

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (purposeFault || end === undefined) return
    const made = await create.start({ user, purpose: purpose.trim(), expires: end })
    if (made) onMade(made)
  }
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        <TextInput
          label="Purpose"
          description="What uses the key, so that you know it again."
          placeholder="Nightly report"
          maxLength={200}
          autoComplete="off"
          data-autofocus
          value={purpose}
          error={wasTried && purposeFault}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        <NativeSelect
          label="Expires"
          value={life}
          data={LIVES.map((value) => ({
            value,
            label: value === 'date' || value === 'never' ? LIFE_NAMES[value] : `In ${LIFE_NAMES[value]}`,
          }))}
          onChange={({ currentTarget }) => setLife(LIVES.find((one) => one === currentTarget.value) ?? '180')}
        />
        {life === 'date' && (
          <TextInput
            type="date"
            label="Last day"
            value={date}
            error={wasTried && dateFault}
            onChange={(event) => setDate(event.currentTarget.value)}
          />
        )}
        {life === 'never' && <Notice state="Warning">A key without an end works until somebody revokes it.</Notice>}
        <ErrorText error={create.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function MadeKey({ made, onDone }: { made: NewApiKey; onDone: () => void }) {
  return (
    <Stack gap="sm">
      <Notice state="Warning">Copy the key now. It is shown this once and kept nowhere.</Notice>
      <TextInput
        label={`API key for “${made.Purpose}”`}
        description={made.Expires ? `Works until ${absoluteText(made.Expires)}.` : 'Has no end.'}
        readOnly
        value={made.ApiKey}
        classNames={{ input: classes.key }}
        onFocus={(event) => event.currentTarget.select()}
        rightSection={<CopyButton value={made.ApiKey} label="Copy the API key" size="md" />}
      />
      <p className={classes.faint}>
        Send it in the header <code>X-Octopus-ApiKey</code>, or set it as <code>TAKO_API_KEY</code>.
      </p>
      <Group justify="flex-end">
        <Button onClick={onDone}>I have copied it</Button>
      </Group>
    </Stack>
  )
}
