import { Button, Loader } from '@mantine/core'
import {
  IconAlertTriangle,
  IconFilterOff,
  IconInbox,
  IconLock,
  IconPlugConnectedX,
  IconQuestionMark,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ApiError, isDisconnected, sentenceOf } from '../api/api-error.ts'
import { EmptyMessage } from './empty-message.tsx'

interface Whole {
  /** Fills the window instead of its place. */
  isWholePage?: boolean
}

/** While nothing has come yet. Appears after a moment only, so that quick answers do not flicker. */
export function Loading({ label = 'Loading', isWholePage }: Whole & { label?: string }) {
  return <EmptyMessage icon={<Loader size="sm" />} title={label} isQuiet isLate isWholePage={isWholePage} />
}

/** Nobody answers; it is tried again by itself. */
export function Disconnected({ isWholePage }: Whole) {
  return (
    <EmptyMessage icon={<IconPlugConnectedX />} title="No node answers" isWholePage={isWholePage} role="status">
      The nodes or their database cannot be reached at present. This page tries again by itself.
    </EmptyMessage>
  )
}

/** Something failed that trying again by itself would not mend. */
export function Failed({ error, onRetry, isWholePage }: Whole & { error: unknown; onRetry?: () => void }) {
  return (
    <EmptyMessage
      icon={<IconAlertTriangle />}
      tone="red"
      title="This could not be read"
      isWholePage={isWholePage}
      role="alert"
      action={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      {sentenceOf(error)}
    </EmptyMessage>
  )
}

/** The user may not see this. */
export function Forbidden({ permission }: { permission: string | undefined }) {
  return (
    <EmptyMessage icon={<IconLock />} title="You may not see this">
      {permission === undefined
        ? 'Your role does not allow it. Ask an administrator.'
        : `The permission ${permission} is missing. Ask an administrator.`}
    </EmptyMessage>
  )
}

/** There is no such thing. `back` leads on. */
export function NotThere({ error, back }: { error: unknown; back?: ReactNode }) {
  return (
    <EmptyMessage icon={<IconQuestionMark />} title="There is nothing here" action={back}>
      {sentenceOf(error)}
    </EmptyMessage>
  )
}

/** The filters leave nothing. */
export function NoMatch({ what, onClear }: { what: string; onClear: () => void }) {
  return (
    <EmptyMessage
      icon={<IconFilterOff />}
      title={`No ${what} match`}
      action={
        <Button variant="default" onClick={onClear}>
          Clear filters
        </Button>
      }
    >
      Nothing fits all filters that are set.
    </EmptyMessage>
  )
}

/** There is nothing yet; `children` say what will appear here and when. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <EmptyMessage icon={<IconInbox />} title={title} action={action}>
      {children}
    </EmptyMessage>
  )
}

interface LoadedQuery<Data> {
  data: Data | undefined
  error: Error | null
  refetch: () => unknown
}

export interface LoadedProps<Data> {
  query: LoadedQuery<Data>
  /** Shown while loading, instead of the spinner. */
  skeleton?: ReactNode
  /** Where a missing thing leads. */
  back?: ReactNode
  children: (data: Data) => ReactNode
}

/** What a query has to show: its data as soon as there is any, otherwise the state that fits. */
export function Loaded<Data>({ query, skeleton, back, children }: LoadedProps<Data>) {
  const { data, error, refetch } = query
  const status = error instanceof ApiError ? error.status : undefined
  if (data !== undefined && status !== 404 && status !== 403) return children(data)
  if (!error) return skeleton ?? <Loading />
  if (isDisconnected(error)) return <Disconnected />
  if (status === 403) return <Forbidden permission={error instanceof ApiError ? error.missingPermission : undefined} />
  if (status === 404) return <NotThere error={error} back={back} />
  return <Failed error={error} onRetry={() => void refetch()} />
}
