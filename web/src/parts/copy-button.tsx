import { ActionIcon } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { copyText } from './copy-text.ts'

export interface CopyButtonProps {
  value: string
  /** For screen readers and the tooltip, such as `Copy id`. */
  label: string
  size?: 'xs' | 'sm' | 'md'
}

/** Copies a text, and shows for a moment that it did. */
export function CopyButton({ value, label, size = 'sm' }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={size}
      title={isCopied ? 'Copied' : label}
      aria-label={isCopied ? 'Copied' : label}
      onClick={() => void copyText(value).then(setCopied)}
    >
      {isCopied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
    </ActionIcon>
  )
}
