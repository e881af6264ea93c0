import { Button, PasswordInput, Stack } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { changePassword } from '../api/users.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Panel } from '../parts/panel.tsx'
import { useAction } from '../parts/use-action.ts'
import { useCurrentUser } from '../session/current-session.ts'
import { faultsOf, faultsOfAnswer, type PasswordFaults, type Passwords, SHORTEST_PASSWORD } from './password-faults.ts'
import classes from './profile.module.css'

/** Changes the user's own password. */
export function PasswordPanel() {
  const user = useCurrentUser()
  return (
    <Panel title="Password">
      {user.CanPasswordBeEdited ? (
        <PasswordForm />
      ) : (
        <p className={classes.text}>This account has no password. It signs in with API keys.</p>
      )}
    </Panel>
  )
}

const NONE: Passwords = { current: '', next: '', repeated: '' }

function PasswordForm() {
  const user = useCurrentUser()
  const change = useAction(changePassword)
  const [passwords, setPasswords] = useState(NONE)
  const [found, setFound] = useState<PasswordFaults>({})
  const faults = { ...faultsOfAnswer(change.error), ...found }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const faultsNow = faultsOf(passwords)
    setFound(faultsNow)
    if (Object.keys(faultsNow).length > 0) return change.reset()
    const { current, next } = passwords
    if (await change.start({ user, current, next })) setPasswords(NONE)
  }
  const field = (name: keyof Passwords) => ({
    value: passwords[name],
    error: faults[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setPasswords((before) => ({ ...before, [name]: value }))
      setFound(({ [name]: _, ...others }) => others)
    },
  })
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      {/* Tells password managers whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={user.Username} readOnly hidden />
      <Stack gap="sm">
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the current password' }}
          {...field('current')}
        />
        <PasswordInput
          label="New password"
          description={`At least ${SHORTEST_PASSWORD} characters. Your other sessions end.`}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the new password' }}
          {...field('next')}
        />
        <PasswordInput
          label="Repeat the new password"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the repeated password' }}
          {...field('repeated')}
        />
        <ErrorText error={faults.form} />
        <Button type="submit" loading={change.isPending} className={classes.submit}>
          Change password
        </Button>
      </Stack>
    </form>
  )
}
