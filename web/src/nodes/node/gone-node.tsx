import { Button } from '@mantine/core'
import { IconGhost2 } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { EmptyMessage } from '../../parts/empty-message.tsx'
import { PageHeader, type PageHeaderProps } from '../../parts/page-header.tsx'
import { TimeLinePanel } from './time-line-panel.tsx'

const PREFIX = 'OctopusServerNodes-'

/** Of a node that is not there any more: says so, leads back, and tells what happened to it. */
export function GoneNode({ id, back }: { id: string; back: NonNullable<PageHeaderProps['back']> }) {
  const name = id.toLowerCase().startsWith(PREFIX.toLowerCase()) ? id.slice(PREFIX.length) : id
  return (
    <>
      <PageHeader title={name} back={back} />
      <EmptyMessage
        icon={<IconGhost2 />}
        title={`There is no node ${name}`}
        action={
          <Button component={Link} to="/nodes">
            Go to the nodes
          </Button>
        }
      >
        It was deleted, has left the cluster, or never was here. What was recorded about it stays.
      </EmptyMessage>
      <TimeLinePanel node={{ Id: PREFIX + name, Name: name }} />
    </>
  )
}
