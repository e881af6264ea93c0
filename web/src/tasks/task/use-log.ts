import { useEffect, useMemo, useState } from 'react'
import { createStore, useStore } from '../../api/store.ts'
import { readLog, searchLog } from '../../api/tasks.ts'
import { LogSearch, nextFound, type SearchState } from './log-search.ts'
import { LogSource, type LogState } from './log-source.ts'

/** The log of a task, read while the component is shown. */
export function useLogSource(id: string): { source: LogSource; state: LogState } {
  const source = useMemo(() => new LogSource((wish, signal) => readLog(id, wish, signal)), [id])
  useEffect(() => source.start(), [source])
  return { source, state: useStore(source.state) }
}

const NO_SEARCH = createStore<SearchState>({ found: [], isSearching: false, isFull: false, failure: undefined })

export interface RunningSearch {
  state: SearchState
  /** Which of the lines found it stands at. */
  current: number | undefined
  /** Goes on to the next or the previous one. */
  step: (direction: 1 | -1) => void
}

/** Looks for a text in a log and stands at one of the lines found, at first the first; `onStand` is told of its place. */
export function useLogSearch(
  id: string,
  text: string,
  total: number,
  isStill: boolean,
  onStand: (index: number) => void,
): RunningSearch {
  const search = useMemo(
    () => (text === '' ? undefined : new LogSearch((wish, signal) => searchLog(id, { text, ...wish }, signal))),
    [id, text],
  )
  const state = useStore(search?.state ?? NO_SEARCH)
  const [stand, setStand] = useState<{ search: LogSearch; current: number }>()
  const current = stand !== undefined && stand.search === search ? stand.current : undefined
  useEffect(() => search?.start(), [search])
  useEffect(() => search?.setTotal(total), [search, total])

  const standAt = (place: number | undefined) => {
    const index = place === undefined ? undefined : state.found[place]
    if (search === undefined || place === undefined || index === undefined) return
    setStand({ search, current: place })
    onStand(index)
  }
  // The search may be answered before the log has been read.
  const isReady = (state.found[0] ?? total) < total
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the first line found, of each search, is gone to unasked.
  useEffect(() => {
    if (isReady && current === undefined && !isStill) standAt(0)
  }, [search, isReady])
  return {
    state,
    current,
    step: (direction) => standAt(nextFound(state.found.length, current, direction)),
  }
}
