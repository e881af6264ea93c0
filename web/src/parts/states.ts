import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  IconCircleX,
  IconClock,
  IconClockExclamation,
  IconClockX,
  IconCrown,
  IconHourglass,
  IconInfoCircle,
  IconLoader2,
  IconPlayerPause,
  IconPlayerStop,
  IconPlugConnectedX,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'

export type Tone = 'green' | 'amber' | 'grey' | 'red' | 'blue'

interface Look {
  icon: ComponentType<{ size?: number; className?: string }>
  word: string
  tone: Tone
  /** Its icon turns: something goes on. */
  isBusy?: true
}

/** How each state looks, everywhere: icon, word and colour. The keys are the wire's words and a few of the console's own. */
export const STATES = {
  Online: { icon: IconCircleCheck, word: 'Online', tone: 'green' },
  Starting: { icon: IconLoader2, word: 'Starting', tone: 'blue', isBusy: true },
  Draining: { icon: IconHourglass, word: 'Draining', tone: 'amber' },
  Drained: { icon: IconPlayerPause, word: 'Drained', tone: 'grey' },
  Offline: { icon: IconPlugConnectedX, word: 'Offline', tone: 'red' },
  Leader: { icon: IconCrown, word: 'Leader', tone: 'blue' },
  Follower: { icon: IconUsers, word: 'Follower', tone: 'grey' },
  Queued: { icon: IconClock, word: 'Queued', tone: 'grey' },
  Executing: { icon: IconLoader2, word: 'Running', tone: 'blue', isBusy: true },
  Cancelling: { icon: IconPlayerStop, word: 'Cancelling', tone: 'amber' },
  Success: { icon: IconCircleCheck, word: 'Success', tone: 'green' },
  Failed: { icon: IconCircleX, word: 'Failed', tone: 'red' },
  Canceled: { icon: IconBan, word: 'Cancelled', tone: 'grey' },
  TimedOut: { icon: IconClockX, word: 'Timed out', tone: 'red' },
  Paused: { icon: IconPlayerPause, word: 'Paused', tone: 'amber' },
  Overdue: { icon: IconClockExclamation, word: 'Overdue', tone: 'red' },
  On: { icon: IconCircleCheck, word: 'On', tone: 'green' },
  Off: { icon: IconCircleOff, word: 'Off', tone: 'grey' },
  Expired: { icon: IconClockX, word: 'Expired', tone: 'red' },
  Lost: { icon: IconPlugConnectedX, word: 'Lost', tone: 'red' },
  Warning: { icon: IconAlertTriangle, word: 'Warning', tone: 'amber' },
  Never: { icon: IconCircleDashed, word: 'Never', tone: 'grey' },
  Info: { icon: IconInfoCircle, word: 'Info', tone: 'blue' },
} as const satisfies Record<string, Look>

export type StateName = keyof typeof STATES

/** The look of a state, also of one that this console does not know yet. */
export function lookOf(state: string): Look {
  return state in STATES ? STATES[state as StateName] : { icon: IconInfoCircle, word: state, tone: 'grey' }
}
