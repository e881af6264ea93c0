import { expect, test } from 'vitest'
import { outcomeLine, waitingLines } from './task-text.ts'
import type { TaskResource } from './wire.ts'

const now = Date.parse('2026-03-01T12:00:00.000Z')

function task(fields: Partial<TaskResource>): TaskResource {
  return {
    ...{ Id: 'ServerTasks-1', SpaceId: null, Name: 'AdHocScript', Description: '', State: 'Queued', Arguments: {} },
    ...{ QueueTime: '2026-03-01T11:00:00.000Z', QueueTimeExpiry: null, StartTime: null, CompletedTime: null },
    ...{
      Duration: null,
      ErrorMessage: '',
      IsCompleted: false,
      FinishedSuccessfully: false,
      HasWarningsOrErrors: false,
    },
    ...{
      CanRerun: false,
      NodeName: null,
      Attempt: 0,
      WaitingBecause: null,
      NodeSilent: null,
      ExitCode: null,
      TimesLost: 0,
    },
    ...{
      CreatedBy: null,
      CancelRequestedAt: null,
      CancelRequestedBy: null,
      TimeLimit: null,
      Priority: 0,
      RerunOf: null,
    },
    ...fields,
  }
}

test('each reason for waiting is told once, with how many tasks it keeps', () => {
  const full = 'Every slot is taken.'
  const tasks = [
    task({ Id: 'ServerTasks-4', WaitingBecause: full }),
    task({ Id: 'ServerTasks-3', State: 'Executing' }),
    task({ Id: 'ServerTasks-2', WaitingBecause: full }),
    task({ Id: 'ServerTasks-1', WaitingBecause: 'It starts at 17:00.' }),
  ]
  expect(waitingLines(tasks)).toEqual([
    'ServerTasks-4 and 1 other wait: Every slot is taken.',
    'ServerTasks-1 waits: It starts at 17:00.',
  ])
})

test('an end is told with its place, its duration and its cause', () => {
  const ended = {
    State: 'Failed',
    IsCompleted: true,
    StartTime: '2026-03-01T11:00:00.000Z',
    CompletedTime: '2026-03-01T11:02:10.000Z',
  }
  const failed = task({ ...ended, NodeName: 'node-a', ErrorMessage: 'The script ended with exit code 3.' })
  expect(outcomeLine(failed, now)).toBe(
    'ServerTasks-1 Failed on node-a after 2m 10s: The script ended with exit code 3.',
  )
  expect(outcomeLine(task({ State: 'TimedOut', IsCompleted: true, ErrorMessage: 'It expired.' }), now)).toBe(
    'ServerTasks-1 TimedOut: It expired.',
  )
})
