import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isHelpOpen, startShortcuts, useShortcuts } from '../parts/shortcuts.ts'

/** The shortcuts that work on every page. */
export function useGoShortcuts(): void {
  const navigate = useNavigate()
  useEffect(() => startShortcuts(), [])
  useShortcuts([
    { keys: 'g n', label: 'Nodes', group: 'Go to', run: () => void navigate({ to: '/nodes' }) },
    { keys: 'g t', label: 'Tasks', group: 'Go to', run: () => void navigate({ to: '/tasks' }) },
    { keys: 'g j', label: 'Cluster jobs', group: 'Go to', run: () => void navigate({ to: '/jobs' }) },
    { keys: 'g a', label: 'Audit', group: 'Go to', run: () => void navigate({ to: '/audit' }) },
    { keys: 'g p', label: 'Profile', group: 'Go to', run: () => void navigate({ to: '/profile' }) },
    { keys: '/', label: 'Filter this page', group: 'Everywhere', run: focusFilter },
    { keys: '?', label: 'Show the shortcuts', group: 'Everywhere', run: () => isHelpOpen.set(true) },
  ])
}

function focusFilter() {
  const input = document.querySelector<HTMLInputElement>('[data-filter-input]')
  input?.focus()
  input?.select()
}
