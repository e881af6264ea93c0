import { ActionIcon } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { AuditEvent } from '../api/wire.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { shortDateText } from '../parts/dates.ts'
import { TimeAgo } from '../parts/time-ago.tsx'
import classes from './audit.module.css'
import { DocumentLink } from './document-link.tsx'
import { EventDetails } from './event-details.tsx'
import { messagePieces } from './event-words.ts'

export interface EventTableProps {
  events: readonly AuditEvent[]
  empty: ReactNode
  isOutdated: boolean
  /** Whether the rows are open at first. */
  areOpen: boolean
}

/** The events, each of which opens to its details. */
export function EventTable({ events, empty, isOutdated, areOpen }: EventTableProps) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const columns = useMemo(() => {
    const isOpen = (event: AuditEvent) => turned.has(event.Id) !== areOpen
    const turn = (event: AuditEvent) =>
      setTurned((before) => {
        const after = new Set(before)
        if (!after.delete(event.Id)) after.add(event.Id)
        return after
      })
    return columnsOf(isOpen, turn)
  }, [turned, areOpen])
  return (
    <div className={classes.trail}>
      <DataTable
        caption="Audit trail, newest first"
        columns={columns}
        rows={events}
        idOf={(event) => event.Id}
        below={(event) => (turned.has(event.Id) !== areOpen ? <EventDetails event={event} /> : undefined)}
        empty={empty}
        isOutdated={isOutdated}
      />
    </div>
  )
}

function columnsOf(
  isOpen: (event: AuditEvent) => boolean,
  turn: (event: AuditEvent) => void,
): readonly Column<AuditEvent>[] {
  return [
    {
      id: 'message',
      header: 'What',
      isMain: true,
      cell: (event) => (
        <div className={classes.message}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-expanded={isOpen(event)}
            aria-label={`Details of ${event.Id}`}
            onClick={() => turn(event)}
          >
            {isOpen(event) ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
          </ActionIcon>
          <div>
            <Message event={event} />
            <div className={classes.narrowOnly}>
              {event.CategoryName} · {event.Username} · <TimeAgo date={event.Occurred} />
            </div>
          </div>
        </div>
      ),
    },
    {
      id: 'category',
      header: 'Category',
      width: '11rem',
      cell: (event) => <span className={classes.wideOnly}>{event.CategoryName}</span>,
    },
    { id: 'who', header: 'Who', width: '8rem', cell: (event) => <span className={classes.who}>{event.Username}</span> },
    {
      id: 'from',
      header: 'From',
      width: '8.5rem',
      hideBelow: 'wide',
      cell: (event) => <span className={classes.wideOnly}>{event.IpAddress ?? '–'}</span>,
    },
    {
      id: 'node',
      header: 'Node',
      width: '6.5rem',
      hideBelow: 'medium',
      cell: (event) => <span className={classes.wideOnly}>{event.NodeName ?? '–'}</span>,
    },
    { id: 'when', header: 'When', width: '10.5rem', cell: (event) => <When date={event.Occurred} /> },
  ]
}

function When({ date }: { date: string }) {
  return (
    <div className={classes.when}>
      <span>{shortDateText(date)}</span>
      <span className={classes.faint}>
        <TimeAgo date={date} />
      </span>
    </div>
  )
}

function Message({ event }: { event: AuditEvent }) {
  return messagePieces(event).map(({ text, id, at }) =>
    id === undefined ? <span key={at}>{text}</span> : <DocumentLink key={at} id={id} text={text} />,
  )
}
