import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { useMay } from '../../session/current-session.ts'

const ICON = <IconPlus size={16} aria-hidden />

/** The way to a new task; for who may make none, a button that says so. */
export function NewTaskButton() {
  if (!useMay('TaskCreate')) {
    return (
      <AllowedButton permission="TaskCreate" leftSection={ICON}>
        New task
      </AllowedButton>
    )
  }
  return (
    <Button component={Link} to="/tasks/new" leftSection={ICON}>
      New task
    </Button>
  )
}
