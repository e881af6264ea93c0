import { CloseButton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'

export interface SearchBoxProps {
  label: string
  value: string
  /** Called a moment after the last key. */
  onChange: (value: string) => void
  className?: string | undefined
  /** What the browser proposes to type. */
  suggestions?: readonly string[]
}

const CALM_MS = 250

/** A filter by text; the shortcut `/` leads to the page's first one. */
export function SearchBox({ label, value, onChange, className, suggestions }: SearchBoxProps) {
  const listId = useId()
  const [text, setText] = useState(value)
  const told = useRef(value)
  const tell = useRef(onChange)
  tell.current = onChange
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (text === told.current) return
    const timer = setTimeout(() => {
      told.current = text
      tell.current(text)
    }, CALM_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <>
      <TextInput
        type="search"
        size="sm"
        className={className}
        aria-label={label}
        placeholder={label}
        data-filter-input
        {...(suggestions ? { list: listId } : {})}
        leftSection={<IconSearch size={15} aria-hidden />}
        rightSection={text === '' ? null : <CloseButton size="sm" aria-label="Clear" onClick={() => setText('')} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {suggestions && (
        <datalist id={listId}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  )
}
