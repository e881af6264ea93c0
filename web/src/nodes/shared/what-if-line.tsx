import { useQuery } from '@tanstack/react-query'
import { sentenceOf } from '../../api/api-error.ts'
import { whatIfQuery } from '../../api/nodes.ts'
import { lookOf } from '../../parts/states.ts'
import classes from './what-if-line.module.css'

/** What the cluster would be if these nodes were drained, in the server's sentences. */
export function WhatIfLine({ drain }: { drain: readonly string[] }) {
  const { data, error } = useQuery(whatIfQuery(drain))
  const { icon: Icon, tone } = lookOf(data && !data.AnyPingAnswers ? 'Warning' : 'Info')
  return (
    <div className={classes.line} data-tone={tone} role="status">
      <Icon size={16} aria-hidden className={classes.icon} />
      <p>
        {data?.Summary ??
          (error ? `What it would do cannot be told: ${sentenceOf(error)}` : 'Working out what it would do …')}
      </p>
    </div>
  )
}
