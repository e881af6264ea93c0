import type { Action } from '../../api/action.ts'
import { moveTaskToTop, rerunTask } from '../../api/tasks.ts'
import type { Task } from '../../api/wire.ts'

interface Many {
  tasks: readonly Pick<Task, 'Id'>[]
}

interface Done {
  count: number
  failures: Error[]
}

/** Runs each again. The output says how many, and with what the others failed. */
export const rerunTasks: Action<Many, Done> = {
  run: ({ tasks }, _, key) => each(tasks, (task) => rerunTask.run({ task }, {}, `${key}-${task.Id}`)),
  done: (_, result) => sentenceOf(result, result.count === 1 ? 'runs again' : 'run again'),
  topics: ['task', 'queue'],
}

/** Moves each to the top of the queue, the last of the list first of all, so that the list's oldest starts first. */
export const moveTasksToTop: Action<Many, Done> = {
  run: ({ tasks }) => each(tasks, (task) => moveTaskToTop.run({ task }, {}, '')),
  done: (_, result) => sentenceOf(result, 'moved to the top of the queue'),
  topics: ['task', 'queue'],
}

/** One after the other. Throws when none succeeds. */
async function each<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<Done> {
  const failures: Error[] = []
  for (const item of items) {
    try {
      await run(item)
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const [first] = failures
  if (first && failures.length === items.length) throw first
  return { count: items.length - failures.length, failures }
}

function sentenceOf({ count, failures }: Done, what: string): string {
  const [first] = failures
  const done = `${count} ${count === 1 ? 'task' : 'tasks'} ${what}.`
  return first ? `${done} ${failures.length} could not: ${first.message}` : done
}
