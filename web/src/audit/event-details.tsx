import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { AuditEvent } from '../api/wire.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { absoluteText } from '../parts/dates.ts'
import { Fact, Facts } from '../parts/facts.tsx'
import classes from './audit.module.css'
import { DocumentLink } from './document-link.tsx'
import { type ChangeRow, changeRows, rawText } from './event-words.ts'

/** All that is known of an event: what it changed, whence it came, and what it is about. */
export function EventDetails({ event }: { event: AuditEvent }) {
  const raw = rawText(event.ChangeDetails)
  const rows = changeRows(event.ChangeDetails)
  return (
    <div className={classes.details} data-single={rows.length === 0 || undefined}>
      {rows.length > 0 && <Changes id={event.Id} rows={rows} />}
      <div className={classes.more}>
        <Facts>
          <Fact name="When">{absoluteText(event.Occurred)}</Fact>
          <Fact name="Who">{whoText(event)}</Fact>
          <Fact name="From">{event.IpAddress ?? 'the system itself'}</Fact>
          {event.UserAgent !== '' && <Fact name="Program">{event.UserAgent}</Fact>}
          <Fact name="Through node">
            {event.NodeName === null ? '–' : <DocumentLink id={`OctopusServerNodes-${event.NodeName}`} />}
          </Fact>
          <Fact name="Regarding">
            {event.RelatedDocumentIds.length === 0 ? '–' : <Related ids={event.RelatedDocumentIds} />}
          </Fact>
        </Facts>
        <div className={classes.tools}>
          <Button
            size="compact-sm"
            variant="default"
            renderRoot={(props) => <Link to="/audit" search={{ event: event.Id }} {...props} />}
          >
            Link to {event.Id}
          </Button>
          <CopyButton
            value={`${window.location.origin}/app/audit?event=${event.Id}`}
            label={`Copy the link to ${event.Id}`}
          />
        </div>
        {raw !== undefined && (
          <details className={classes.raw}>
            <summary>Raw JSON</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard this way. */}
            <pre tabIndex={0}>{raw}</pre>
          </details>
        )}
      </div>
    </div>
  )
}

function whoText({ Username, IsService, IdentityEstablishedWith }: AuditEvent): string {
  const account = IsService ? `${Username}, a service account` : Username
  const hasShown = /^(session|key)/.test(IdentityEstablishedWith)
  return hasShown ? `${account}, by ${IdentityEstablishedWith}` : account
}

function Related({ ids }: { ids: readonly string[] }) {
  return (
    <ul className={classes.related}>
      {ids.map((id) => (
        <li key={id}>
          <DocumentLink id={id} />
        </li>
      ))}
    </ul>
  )
}

function Changes({ id, rows }: { id: string; rows: readonly ChangeRow[] }) {
  return (
    <table className={classes.changes}>
      <caption className={classes.hidden}>What {id} changed</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ path, field, before, after }) => (
          <tr key={path}>
            <th scope="row">{field}</th>
            <td className={classes.before}>{before}</td>
            <td className={classes.after}>{after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
