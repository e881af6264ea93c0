import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { apiKeysQuery, revokeApiKey } from '../api/users.ts'
import type { ApiKey } from '../api/wire.ts'
import { useNow } from '../parts/clock.ts'
import { ask } from '../parts/confirm-store.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { absoluteText } from '../parts/dates.ts'
import { ErrorText } from '../parts/error-text.tsx'
import { Empty, Loaded } from '../parts/load-states.tsx'
import { Panel } from '../parts/panel.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { TimeAgo } from '../parts/time-ago.tsx'
import { useAction } from '../parts/use-action.ts'
import { useCurrentUser } from '../session/current-session.ts'
import { endStateOf } from './key-life.ts'
import { NewKeyDialog } from './new-key-dialog.tsx'
import classes from './profile.module.css'

const COLUMNS: readonly Column<ApiKey>[] = [
  { id: 'purpose', header: 'Purpose', isMain: true, cell: (key) => key.Purpose },
  { id: 'hint', header: 'Key', cell: (key) => <code className={classes.key}>{key.ApiKey.Hint}</code> },
  { id: 'created', header: 'Created', cell: (key) => <TimeAgo date={key.Created} /> },
  { id: 'expires', header: 'Expires', cell: (key) => <Expiry date={key.Expires} /> },
  { id: 'used', header: 'Last used', cell: (key) => <LastUsed apiKey={key} /> },
  { id: 'revoke', header: 'Revoke', isHeaderHidden: true, align: 'end', cell: (key) => <Revoke apiKey={key} /> },
]

/** The user's API keys. */
export function ApiKeysPanel() {
  const user = useCurrentUser()
  const query = useQuery(apiKeysQuery(user.Id))
  const [isMaking, setMaking] = useState(false)
  return (
    <Panel
      title="API keys"
      isBare
      actions={
        <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setMaking(true)}>
          New API key
        </Button>
      }
    >
      <Loaded query={query}>
        {({ Items }) => (
          <DataTable
            caption="API keys"
            columns={COLUMNS}
            rows={Items}
            idOf={(key) => key.Id}
            empty={
              <Empty title="No API keys yet">
                A key lets a script or a program use Tako with what your role allows.
              </Empty>
            }
          />
        )}
      </Loaded>
      {isMaking && <NewKeyDialog onClose={() => setMaking(false)} />}
    </Panel>
  )
}

function Expiry({ date }: { date: string | null }) {
  const now = useNow()
  const state = endStateOf(date, now)
  if (date === null || state === 'never') return <span className={classes.faint}>no end</span>
  if (state === 'over') return <StateBadge state="Expired" title={absoluteText(date)} />
  if (state === 'soon') return <StateBadge state="Warning" word="Expires" detail={<TimeAgo date={date} />} />
  return <TimeAgo date={date} />
}

function LastUsed({ apiKey: { LastUsed: date, LastUsedFrom: from, LastUsedNode: node } }: { apiKey: ApiKey }) {
  if (date === null) return <span className={classes.faint}>never</span>
  return (
    <div>
      <TimeAgo date={date} />
      <div className={classes.faint}>
        {from && `from ${from}`}
        {node && ` through ${node}`}
      </div>
    </div>
  )
}

function Revoke({ apiKey }: { apiKey: ApiKey }) {
  const revoke = useAction(revokeApiKey)
  const start = async () => {
    const isSure = await ask({
      title: `Revoke the API key for “${apiKey.Purpose}”?`,
      body: `What uses the key ${apiKey.ApiKey.Hint} is refused from now on, on every node. This cannot be undone.`,
      action: 'Revoke',
      isDangerous: true,
    })
    if (isSure) void revoke.start({ apiKey })
  }
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke the API key for ${apiKey.Purpose}`}
        loading={revoke.isPending}
        onClick={() => void start()}
      >
        Revoke
      </Button>
      <ErrorText error={revoke.error} />
    </>
  )
}
