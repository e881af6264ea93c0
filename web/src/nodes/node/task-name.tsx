import { Link } from '@tanstack/react-router'
import type { Task } from '../../api/wire.ts'
import classes from './task-name.module.css'

/** A task by its description, with id and kind, and the way to its page. */
export function TaskName({ task }: { task: Pick<Task, 'Id' | 'Description' | 'Name'> }) {
  return (
    <>
      <Link to="/tasks/$id" params={{ id: task.Id }}>
        {task.Description || task.Name}
      </Link>
      <div className={classes.id}>
        {task.Id}, {task.Name}
      </div>
    </>
  )
}
