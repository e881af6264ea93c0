import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { sentenceOf } from '../api/api-error.ts'
import { EmptyMessage } from '../parts/empty-message.tsx'
import { Empty, Loading } from '../parts/load-states.tsx'
import { PageHeader } from '../parts/page-header.tsx'
import { isPartMissing, reloadForPart } from './load-page.ts'

/** When a page fails. */
export function ErrorPage({ error }: ErrorComponentProps) {
  return isPartMissing(error) ? <PartMissingPage error={error} /> : <FailedPage error={error} />
}

/** A node with another version of the console may have answered: reading the page again mends that. */
function PartMissingPage({ error }: { error: unknown }) {
  const [hasGivenUp, setGivenUp] = useState(false)
  useEffect(() => {
    void reloadForPart(error).then((isReloading) => setGivenUp(!isReloading))
  }, [error])
  if (!hasGivenUp) return <Loading label="Loading the page again" />
  return <FailedPage error={new Error('A part of it could not be loaded. The nodes may be changing their version.')} />
}

function FailedPage({ error }: { error: unknown }) {
  return (
    <>
      <PageHeader title="This page failed" />
      <EmptyMessage
        icon={<IconAlertTriangle />}
        tone="red"
        role="alert"
        title="Something in the console went wrong"
        action={<Button onClick={() => window.location.reload()}>Load the page anew</Button>}
      >
        {sentenceOf(error)}
      </EmptyMessage>
    </>
  )
}

/** When an address leads nowhere. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" />
      <Empty title="This address leads nowhere" action={<Link to="/nodes">Go to the nodes</Link>} />
    </>
  )
}
