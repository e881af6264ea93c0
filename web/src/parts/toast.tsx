import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import type { MouseEvent } from 'react'
import classes from './toast.module.css'

/** Where a toast leads. Toasts stand outside the router, so the page says how to go there. */
export interface ToastLink {
  label: string
  href: string
  open: () => void
}

/** Says what was done. */
export function toastDone(sentence: string, link?: ToastLink): void {
  notifications.show({
    message: messageOf(sentence, link),
    color: 'teal.8',
    icon: <IconCheck size={16} aria-hidden />,
    withBorder: true,
  })
}

/** The same with a button that takes it back. Stays a little longer. */
export function toastUndoable(sentence: string, undo: () => void): void {
  const id = notifications.show({
    message: (
      <span className={classes.line}>
        <span>{sentence}</span>
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => {
            notifications.hide(id)
            undo()
          }}
        >
          Undo
        </Button>
      </span>
    ),
    color: 'teal.8',
    icon: <IconCheck size={16} aria-hidden />,
    withBorder: true,
    autoClose: 12_000,
  })
}

/** Says what failed, for what has no place beside its cause. Stays until it is closed. */
export function toastFailed(sentence: string, link?: ToastLink): void {
  notifications.show({
    message: messageOf(sentence, link),
    color: 'red',
    icon: <IconAlertTriangle size={16} aria-hidden />,
    autoClose: false,
    withBorder: true,
  })
}

function messageOf(sentence: string, link: ToastLink | undefined) {
  if (!link) return sentence
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    link.open()
  }
  return (
    <>
      {sentence}{' '}
      <a href={link.href} onClick={onClick}>
        {link.label}
      </a>
    </>
  )
}
