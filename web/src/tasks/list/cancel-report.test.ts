import { expect, test } from 'vitest'
import type { CancelResults } from '../../api/tasks.ts'
import { cancelConsequence, cancelReport } from './cancel-report.ts'

type Result = CancelResults['Results'][number]

const result = (TaskId: string, Outcome: Result['Outcome'], State: Result['State'] = null): Result => ({
  TaskId,
  Outcome,
  State,
})

test('each outcome is counted, and what was not cancelled is named', () => {
  const report = cancelReport({
    Results: [
      result('ServerTasks-1', 'Canceled', 'Canceled'),
      result('ServerTasks-2', 'Cancelling', 'Cancelling'),
      result('ServerTasks-3', 'AlreadyCancelling', 'Cancelling'),
      result('ServerTasks-4', 'AlreadyEnded', 'TimedOut'),
      result('ServerTasks-5', 'NotFound'),
    ],
    CanceledCount: 1,
    CancellingCount: 1,
  })
  expect(report.sentence).toBe('1 cancelled, 1 being stopped, 1 being stopped already, 2 not cancelled.')
  expect(report.exceptions).toEqual([
    'ServerTasks-4: it had ended already (Timed out).',
    'ServerTasks-5: there is no such task any more.',
  ])
})

test('many exceptions are counted', () => {
  const Results = Array.from({ length: 8 }, (_, index) => result(`ServerTasks-${index}`, 'AlreadyEnded', 'Success'))
  const { exceptions } = cancelReport({ Results, CanceledCount: 0, CancellingCount: 0 })
  expect(exceptions).toHaveLength(6)
  expect(exceptions.at(-1)).toBe('And 3 more.')
})

test('the question names the consequence for those that run and those that wait', () => {
  const of = (...states: string[]) => cancelConsequence(states.map((State) => ({ State })))
  expect(of('Executing', 'Queued', 'Queued')).toBe('1 runs and will be stopped. 2 wait and will never start.')
  expect(of('Queued', 'Success')).toBe('1 waits and will never start. 1 stays as it is.')
})
