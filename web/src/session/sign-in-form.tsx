import { Button, Checkbox, PasswordInput, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { sentenceOf } from '../api/api-error.ts'
import { signIn } from '../api/users.ts'
import type { User } from '../api/wire.ts'
import { ErrorText } from '../parts/error-text.tsx'

export interface SignInFormProps {
  /** Filled in at first. */
  username?: string
  onDone(user: User): void | Promise<void>
}

/** Name, password, and the error beside them. */
export function SignInForm({ username: firstName = '', onDone }: SignInFormProps) {
  const [username, setUsername] = useState(firstName)
  const [password, setPassword] = useState('')
  const [isRemembered, setRemembered] = useState(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isPending) return
    setPending(true)
    setError(undefined)
    try {
      await onDone(await signIn({ username, password, isRemembered }))
    } catch (fault) {
      setError(sentenceOf(fault))
      setPending(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label="Username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus={firstName === '' || undefined}
          autoFocus={firstName === ''}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus={firstName !== '' || undefined}
          autoFocus={firstName !== ''}
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Checkbox
          label="Stay signed in on this computer"
          checked={isRemembered}
          onChange={(event) => setRemembered(event.currentTarget.checked)}
        />
        <ErrorText error={error} />
        <Button type="submit" loading={isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}
