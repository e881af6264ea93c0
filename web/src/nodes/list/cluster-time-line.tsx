import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { eventsQuery } from '../../api/events.ts'
import { Empty, Loaded } from '../../parts/load-states.tsx'
import { Panel } from '../../parts/panel.tsx'
import { lookOf } from '../../parts/states.ts'
import { TimeAgo } from '../../parts/time-ago.tsx'
import classes from './cluster-time-line.module.css'
import { eventLook } from './event-look.ts'

const EVENT_GROUPS = ['Nodes', 'Leadership']
const SHOWN = 12

/** What happened to the nodes lately, newest first. */
export function ClusterTimeLine() {
  const query = useQuery(eventsQuery({ eventGroups: EVENT_GROUPS, excludeDifference: true, take: SHOWN }))
  return (
    <Panel
      title="Time line"
      actions={
        <Link to="/audit" search={{ group: 'Nodes' }}>
          All events
        </Link>
      }
    >
      <Loaded query={query}>
        {({ Items }) =>
          Items.length === 0 ? (
            <Empty title="Nothing has happened yet">Nodes that join, lead, drain or get lost appear here.</Empty>
          ) : (
            <ol className={classes.line} aria-label="What happened to the nodes, newest first">
              {Items.map((event) => {
                const { icon: Icon, tone } = lookOf(eventLook(event.Category))
                return (
                  <li key={event.Id} className={classes.event}>
                    <span className={classes.icon} data-tone={tone} aria-hidden>
                      <Icon size={15} />
                    </span>
                    <span className={classes.text}>
                      {event.Message}
                      {event.UserId !== 'users-system' && <span className={classes.by}> by {event.Username}</span>}
                    </span>
                    <span className={classes.time}>
                      <TimeAgo date={event.Occurred} />
                    </span>
                  </li>
                )
              })}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  )
}
