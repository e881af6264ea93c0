import { IconPlugConnectedX } from '@tabler/icons-react'
import { connection } from '../api/connection.ts'
import { liveDownSince } from '../api/live.ts'
import { useStore } from '../api/store.ts'
import { useNow } from './clock.ts'
import classes from './stale-mark.module.css'
import { staleText } from './stale-text.ts'

/** Says when what is shown does not follow the cluster, and how old it is. Always in the page, so that it is read out when it appears. */
export function StaleMark() {
  const downSince = useStore(liveDownSince)
  const { silentSince, lastAnswerAt, clockOffsetMs } = useStore(connection)
  const now = useNow() - clockOffsetMs
  const text = staleText({ downSince, silentSince, lastAnswerAt, now })
  return (
    <div role="status" className={classes.place}>
      {text !== undefined && (
        <span className={classes.mark}>
          <IconPlugConnectedX size={15} aria-hidden />
          <span>
            Not live<span aria-hidden>: {text}</span>
          </span>
        </span>
      )}
    </div>
  )
}
