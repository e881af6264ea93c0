import type { Command } from 'commander'
import type { Cli } from './cli.ts'

/** What a command's file exports: it adds the arguments, the options and the action to a command of its name. */
interface CommandModule {
  declare(command: Command, cli: Cli): void
}

/** A command, whose file is read only when the command is called. */
export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

/** Commands about one thing. */
export interface GroupEntry {
  readonly summary: string
  readonly commands: Readonly<Record<string, CommandEntry>>
}

/** All commands, in the order of `tako --help`. */
export const CATALOGUE: Readonly<Record<string, CommandEntry | GroupEntry>> = {
  up: { summary: 'Start a whole cluster on this machine', load: () => import('./commands/up.ts') },
  server: { summary: 'Start one server node', load: () => import('./commands/server.ts') },
  node: {
    summary: 'Server nodes: see, drain, cap, delete',
    commands: {
      list: { summary: 'List the nodes and how the cluster is', load: () => import('./commands/node-list.ts') },
      show: { summary: 'Show one node and what runs on it', load: () => import('./commands/node-show.ts') },
      drain: {
        summary: 'Let a node finish what it runs and start nothing new',
        load: () => import('./commands/node-drain.ts'),
      },
      undrain: { summary: 'Let a node take tasks again', load: () => import('./commands/node-undrain.ts') },
      cap: { summary: 'Set how many tasks a node runs at once', load: () => import('./commands/node-cap.ts') },
      retire: {
        summary: 'Drain a node, stop it, and remove its record',
        load: () => import('./commands/node-retire.ts'),
      },
      delete: { summary: 'Remove the record of an offline node', load: () => import('./commands/node-delete.ts') },
      'declare-dead': {
        summary: 'State that a silent node is off, so that its tasks are settled now',
        load: () => import('./commands/node-declare-dead.ts'),
      },
      lost: {
        summary: 'List the tasks that ended because a node was lost',
        load: () => import('./commands/node-lost.ts'),
      },
      'rerun-lost': {
        summary: 'Run again what a node lost, each task once',
        load: () => import('./commands/node-rerun-lost.ts'),
      },
    },
  },
  task: {
    summary: 'Tasks: run, follow, find, cancel',
    commands: {
      run: { summary: 'Queue a script, or a task of another kind', load: () => import('./commands/task-run.ts') },
      list: { summary: 'List tasks, newest first', load: () => import('./commands/task-list.ts') },
      show: { summary: 'Show all there is to know of a task', load: () => import('./commands/task-show.ts') },
      log: { summary: 'Print the log of a task, or follow it', load: () => import('./commands/task-log.ts') },
      wait: { summary: 'Wait until tasks have ended', load: () => import('./commands/task-wait.ts') },
      cancel: { summary: 'Cancel tasks', load: () => import('./commands/task-cancel.ts') },
      rerun: { summary: 'Queue a finished task again', load: () => import('./commands/task-rerun.ts') },
      top: { summary: 'Move a queued task to the top of the queue', load: () => import('./commands/task-top.ts') },
      abandon: { summary: 'End a task that hangs in Cancelling', load: () => import('./commands/task-abandon.ts') },
    },
  },
  queue: {
    summary: 'The queue of the cluster: see, pause, resume',
    commands: {
      show: { summary: 'Show what waits and what runs', load: () => import('./commands/queue-show.ts') },
      pause: { summary: 'Start no task on any node until resumed', load: () => import('./commands/queue-pause.ts') },
      resume: { summary: 'Start tasks again', load: () => import('./commands/queue-resume.ts') },
    },
  },
  leader: {
    summary: 'The leader: see, make it step down',
    commands: {
      show: { summary: 'Show which node leads', load: () => import('./commands/leader-show.ts') },
      'step-down': {
        summary: 'Make the leader give up the lead to another node',
        load: () => import('./commands/leader-step-down.ts'),
      },
    },
  },
  job: {
    summary: 'Recurring jobs: see, run now, switch on and off',
    commands: {
      list: { summary: 'List the recurring jobs', load: () => import('./commands/job-list.ts') },
      run: { summary: 'Run a job now', load: () => import('./commands/job-run.ts') },
      enable: { summary: 'Run a job when it is due', load: () => import('./commands/job-enable.ts') },
      disable: { summary: 'Do not run a job when it is due', load: () => import('./commands/job-disable.ts') },
    },
  },
  event: {
    summary: 'The audit trail: who changed what',
    commands: {
      list: { summary: 'List events, newest first', load: () => import('./commands/event-list.ts') },
    },
  },
  user: {
    summary: 'Users: see, create, delete, set passwords',
    commands: {
      list: { summary: 'List the users', load: () => import('./commands/user-list.ts') },
      create: { summary: 'Create a user', load: () => import('./commands/user-create.ts') },
      delete: { summary: 'Delete a user', load: () => import('./commands/user-delete.ts') },
      password: { summary: "Set a user's password", load: () => import('./commands/user-password.ts') },
    },
  },
  'api-key': {
    summary: 'API keys: see, create, delete',
    commands: {
      list: { summary: 'List API keys', load: () => import('./commands/api-key-list.ts') },
      create: { summary: 'Create an API key, which is shown once', load: () => import('./commands/api-key-create.ts') },
      delete: { summary: 'Delete an API key', load: () => import('./commands/api-key-delete.ts') },
    },
  },
  login: { summary: 'Log in to a server and remember it', load: () => import('./commands/login.ts') },
  logout: { summary: 'Forget the login to a server', load: () => import('./commands/logout.ts') },
  whoami: { summary: 'Show as whom commands speak', load: () => import('./commands/whoami.ts') },
  version: {
    summary: 'Show the versions of this program and of the server',
    load: () => import('./commands/version.ts'),
  },
}
