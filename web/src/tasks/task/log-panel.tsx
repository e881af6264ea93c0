import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { rawLogUrl } from '../../api/tasks.ts'
import type { FullTask } from '../../api/wire.ts'
import { ErrorText } from '../../parts/error-text.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { TaskPageSearch } from '../task-page-search.ts'
import classes from './log.module.css'
import { LogLinesView } from './log-lines-view.tsx'
import { LogStatus } from './log-status.tsx'
import { LogTools } from './log-tools.tsx'
import { useLogSearch, useLogSource } from './use-log.ts'
import { useLogScroll } from './use-log-scroll.ts'

const route = getRouteApi('/tasks/$id')

/** The log of a task, live while it runs. */
export function LogPanel({ task }: { task: FullTask }) {
  const { line: picked, find = '', times } = route.useSearch()
  const navigate = route.useNavigate()
  const change = (changes: { [Key in keyof TaskPageSearch]: TaskPageSearch[Key] | undefined }) =>
    void navigate({ search: (old) => withChanges(old, changes), replace: true, resetScroll: false })

  const { source, state } = useLogSource(task.Id)
  const [isFollowing, setFollowing] = useState(picked === undefined)
  const [totalAtPause, setTotalAtPause] = useState<number>()
  const follow = (next: boolean) => {
    if (!next && isFollowing) setTotalAtPause(state.total)
    setFollowing(next)
  }
  useEffect(() => {
    if (state.isLoaded) setTotalAtPause((known) => known ?? source.state.get().total)
  }, [state.isLoaded, source])
  useEffect(() => source.setFollowing(isFollowing), [source, isFollowing])

  const scroll = useLogScroll(state.total, isFollowing, follow)
  const search = useLogSearch(task.Id, find, state.total, picked !== undefined, scroll.reveal)
  const current = search.current === undefined ? undefined : search.state.found[search.current]
  const starts = useMemo(() => startsOf(task), [task])
  const pickedHere = useRef<number>(undefined)
  const pick = useRef((_: number) => {})
  pick.current = (number) => {
    pickedHere.current = number
    change({ line: number })
  }
  const isThere = state.isLoaded && picked !== undefined && picked <= state.total
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line is gone to when the address names it, or as soon as there is one.
  useEffect(() => {
    if (isThere && pickedHere.current !== picked) scroll.reveal(picked - 1)
    pickedHere.current = undefined
  }, [picked, isThere])

  return (
    <Panel title="Log" isBare>
      <div className={classes.frame}>
        <LogTools
          find={find}
          onFind={(text) => change({ find: text, line: undefined })}
          search={search}
          times={times}
          onTimes={(next) => change({ times: next })}
          onGoTo={(line) => (line === picked ? scroll.reveal(line - 1) : change({ line }))}
          rawUrl={rawLogUrl(task.Id)}
          isGrowing={!state.isEnded}
          isFollowing={isFollowing}
          newLines={isFollowing || state.isEnded ? 0 : Math.max(0, state.total - (totalAtPause ?? state.total))}
          onFollow={() => follow(true)}
        />
        <ErrorText error={state.failure ?? search.state.failure} />
        <LogLinesView
          label={`Log of ${task.Id}`}
          source={source}
          state={state}
          scroll={scroll}
          picked={picked}
          current={current}
          find={find}
          times={times}
          starts={starts}
          onPick={useStable(pick)}
        />
        <LogStatus
          task={task}
          source={source}
          state={state}
          seen={scroll.seen}
          picked={picked}
          onUnpick={() => change({ line: undefined })}
        />
      </div>
    </Panel>
  )
}

/** One function for all drawings, so that rows that have not changed are not drawn again. */
function useStable(latest: { current: (number: number) => void }): (number: number) => void {
  return useMemo(() => (number: number) => latest.current(number), [latest])
}

function withChanges(
  old: TaskPageSearch,
  changes: { [Key in keyof TaskPageSearch]: TaskPageSearch[Key] | undefined },
): TaskPageSearch {
  const { line, find, times } = { ...old, ...changes }
  return {
    ...(line === undefined ? {} : { line }),
    ...(find === undefined || find === '' ? {} : { find }),
    ...(times === undefined ? {} : { times }),
  }
}

function startsOf({ Attempts }: FullTask): Map<number, number> {
  return new Map(Attempts.flatMap(({ Attempt, StartTime }) => (StartTime ? [[Attempt, Date.parse(StartTime)]] : [])))
}
