import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core'
import { IconArrowDown, IconChevronDown, IconChevronUp, IconDownload } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { SearchBox } from '../../parts/search-box.tsx'
import type { LogTimes } from '../task-page-search.ts'
import classes from './log.module.css'
import { searchText } from './log-search.ts'
import type { RunningSearch } from './use-log.ts'

const TIMES = [
  { value: '', label: 'No times' },
  { value: 'absolute', label: 'Clock times' },
  { value: 'relative', label: 'Since start' },
]

export interface LogToolsProps {
  find: string
  onFind: (find: string) => void
  search: RunningSearch
  times: LogTimes | undefined
  onTimes: (times: LogTimes | undefined) => void
  onGoTo: (line: number) => void
  rawUrl: string
  /** New lines come yet. */
  isGrowing: boolean
  isFollowing: boolean
  /** How many came since it does not follow. */
  newLines: number
  onFollow: () => void
}

/** What stands above the lines: search, go to a line, times, download, follow. */
export function LogTools(props: LogToolsProps) {
  const { find, onFind, search, times, onTimes, onGoTo, rawUrl } = props
  const form = useSearchKeys()
  const stepByKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    search.step(event.shiftKey ? -1 : 1)
  }
  return (
    <div className={classes.tools}>
      <search ref={form} className={classes.search} onKeyDown={stepByKey}>
        <SearchBox label="Search the log" value={find} onChange={onFind} />
      </search>
      {find !== '' && (
        <span className={classes.found}>
          <span role="status">{searchText(search.state, search.current)}</span>
          <Step label="Previous line found" icon={IconChevronUp} onClick={() => search.step(-1)} />
          <Step label="Next line found" icon={IconChevronDown} onClick={() => search.step(1)} />
        </span>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const line = Number(new FormData(event.currentTarget).get('line'))
          if (Number.isSafeInteger(line) && line > 0) onGoTo(line)
        }}
      >
        <TextInput
          name="line"
          size="sm"
          className={classes.goTo}
          aria-label="Go to line"
          placeholder="Line"
          inputMode="numeric"
          autoComplete="off"
        />
      </form>
      <NativeSelect
        size="sm"
        className={classes.times}
        aria-label="Times"
        data={TIMES}
        value={times ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onTimes(value === 'absolute' || value === 'relative' ? value : undefined)
        }
      />
      <div className={classes.end}>
        <ActionIcon
          component="a"
          href={rawUrl}
          download
          size="input-sm"
          variant="default"
          aria-label="Download the raw log"
          title="Download the raw log"
        >
          <IconDownload size={16} aria-hidden />
        </ActionIcon>
        <FollowButton {...props} />
      </div>
    </div>
  )
}

function FollowButton({ isGrowing, isFollowing, newLines, onFollow }: LogToolsProps) {
  const news = newLines === 0 ? '' : ` · ${newLines.toLocaleString('en')} new`
  return (
    <Button
      size="sm"
      variant={isFollowing || newLines === 0 ? 'default' : 'filled'}
      leftSection={<IconArrowDown size={15} aria-hidden />}
      {...(isGrowing ? { 'aria-pressed': isFollowing } : {})}
      onClick={onFollow}
    >
      {isGrowing ? (isFollowing ? 'Following' : `Follow${news}`) : 'To the end'}
    </Button>
  )
}

function Step({ label, icon: Icon, onClick }: { label: string; icon: typeof IconChevronUp; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="md" aria-label={label} title={label} onClick={onClick}>
      <Icon size={16} aria-hidden />
    </ActionIcon>
  )
}

/** Ctrl+F or Cmd+F leads to the search of the log; pressed there again, to that of the browser. */
function useSearchKeys() {
  const form = useRef<HTMLElement>(null)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      const input = form.current?.querySelector('input')
      if (!input || document.activeElement === input || document.querySelector('[role=dialog]')) return
      event.preventDefault()
      input.focus()
      input.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return form
}
