import { Button } from '@mantine/core'
import {
  IconAdjustments,
  IconCrown,
  IconCrownOff,
  IconGauge,
  IconHourglass,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugConnectedX,
  IconPower,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { eventsQuery } from '../../api/events.ts'
import { Empty, Forbidden, Loaded } from '../../parts/load-states.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { Tone } from '../../parts/states.ts'
import { TimeAgo } from '../../parts/time-ago.tsx'
import { useMay } from '../../session/current-session.ts'
import { type TimeLineEntry, type TimeLineLook, timeLineEntry } from './time-line-entry.ts'
import classes from './time-line-panel.module.css'

const FEWEST = 12
const MORE = 50

const route = getRouteApi('/nodes/$id')

/** What happened to a node, newest first; also to one that is gone. */
export function TimeLinePanel({ node }: { node: { Id: string; Name: string } }) {
  const mayRead = useMay('EventView')
  return <Panel title="Time line">{mayRead ? <TimeLine node={node} /> : <Forbidden permission="EventView" />}</Panel>
}

function TimeLine({ node }: { node: { Id: string; Name: string } }) {
  const { entries: count = FEWEST } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(
    eventsQuery({ regarding: [node.Id], eventGroups: ['Nodes', 'Leadership', 'Documents'], take: count }),
  )
  return (
    <Loaded query={query}>
      {({ Items, TotalResults }) =>
        Items.length === 0 ? (
          <Empty title="Nothing is recorded">What happens to this node will appear here.</Empty>
        ) : (
          <>
            <ol className={classes.line} aria-label="Time line, newest first">
              {Items.map((event) => (
                <Entry key={event.Id} entry={timeLineEntry(event, node.Name)} />
              ))}
            </ol>
            {Items.length < TotalResults && (
              <Button
                mt="xs"
                variant="subtle"
                size="compact-sm"
                loading={query.isPlaceholderData}
                onClick={() =>
                  void navigate({
                    search: (old) => ({ ...old, entries: count + MORE }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              >
                Show older
              </Button>
            )}
          </>
        )
      }
    </Loaded>
  )
}

const LOOKS: Readonly<Record<TimeLineLook, { icon: ComponentType<{ size?: number }>; tone: Tone }>> = {
  joined: { icon: IconPlayerPlay, tone: 'green' },
  returned: { icon: IconRefresh, tone: 'green' },
  led: { icon: IconCrown, tone: 'blue' },
  unled: { icon: IconCrownOff, tone: 'grey' },
  draining: { icon: IconHourglass, tone: 'amber' },
  drained: { icon: IconPlayerPause, tone: 'grey' },
  undrained: { icon: IconPower, tone: 'green' },
  cap: { icon: IconGauge, tone: 'grey' },
  changed: { icon: IconAdjustments, tone: 'grey' },
  lost: { icon: IconPlugConnectedX, tone: 'red' },
  stopped: { icon: IconPlayerStop, tone: 'grey' },
  deleted: { icon: IconTrash, tone: 'grey' },
}

function Entry({ entry }: { entry: TimeLineEntry }) {
  const { icon: Icon, tone } = LOOKS[entry.look]
  return (
    <li className={classes.entry}>
      <span className={classes.icon} data-tone={tone} aria-hidden>
        <Icon size={14} />
      </span>
      <div className={classes.text}>
        <div className={classes.head}>
          <span className={classes.title}>{entry.title}</span>
          <span className={classes.time}>
            <TimeAgo date={entry.at} />
          </span>
        </div>
        {(entry.detail !== '' || entry.by !== undefined) && (
          <p className={classes.detail}>
            {entry.detail}
            {entry.by !== undefined && <> By {entry.by}.</>}
          </p>
        )}
      </div>
    </li>
  )
}
