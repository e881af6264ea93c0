import { homedir } from 'node:os'
import type { AttemptContext, Kind, Outcome } from '../kind.ts'
import { ATTEMPT_VARIABLE, attemptMark } from '../script/attempt-mark.ts'
import { findInterpreter, scriptFileName } from '../script/interpreters.ts'
import { runScript } from '../script/script-process.ts'
import { type AdHocScriptArguments, parseAdHocScriptArguments } from './ad-hoc-script-arguments.ts'
import { outcomeOf } from './ad-hoc-script-outcome.ts'

export interface AdHocScriptDeps {
  /** The heart's lease file, which changes with the incarnation. */
  leaseFile(): string
  /** The task lease of kinds that fail when their node is lost. */
  readonly taskLeaseMs: number
  /** Between SIGTERM and SIGKILL of a script that has to stop. */
  readonly cancelGraceMs: number
  /** Where the folders of running scripts are made; for this node alone. */
  readonly workFolder: string
}

/**
 * Runs a script on a server node. A lost node fails it, since half a script must not be run again by itself. The script
 * gets a clean environment: PATH, HOME and LANG of the server, TMPDIR and its working folder (one of its own, removed
 * afterwards), TAKO_TASK_ID, TAKO_NODE, TAKO_ATTEMPT, and the task's EnvironmentVariables, which may replace the first four;
 * nothing else of the server's environment. Its standard input is empty.
 */
export function createAdHocScriptKind(deps: AdHocScriptDeps): Kind<AdHocScriptArguments> {
  return {
    name: 'AdHocScript',
    title: 'Run a script',
    scope: 'space',
    runsOn: 'any node',
    whenLost: 'fail',
    createPermission: 'TaskCreate',
    parse: parseAdHocScriptArguments,
    describe: ({ Syntax }) => `Run a ${Syntax} script on the server`,
    run: (context) => runAdHocScript(context, deps),
  }
}

async function runAdHocScript(context: AttemptContext<AdHocScriptArguments>, deps: AdHocScriptDeps): Promise<Outcome> {
  const { arguments: asked, signal } = context
  const interpreter = await findInterpreter(asked.Syntax, context.node)
  if ('missing' in interpreter) return { state: 'Failed', cause: interpreter.missing }
  const end = await runScript({
    attempt: context,
    body: asked.Syntax === 'Bash' ? asked.ScriptBody.replaceAll('\r\n', '\n') : asked.ScriptBody,
    fileName: scriptFileName(asked.Syntax),
    interpreter: interpreter.command,
    scriptArguments: asked.ScriptArguments,
    environment: scriptEnvironment(context),
    workFolder: deps.workFolder,
    leaseFile: deps.leaseFile(),
    taskLeaseMs: deps.taskLeaseMs,
    startBeforeMs: context.startBeforeMs,
    graceMs: deps.cancelGraceMs,
    signal,
    output: context.output,
    clock: context.clock,
  })
  return outcomeOf(end, signal)
}

function scriptEnvironment(context: AttemptContext<AdHocScriptArguments>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homeFolder(),
    LANG: process.env.LANG ?? 'C.UTF-8',
    ...context.arguments.EnvironmentVariables,
    TAKO_TASK_ID: `ServerTasks-${context.taskId}`,
    TAKO_NODE: context.node,
    [ATTEMPT_VARIABLE]: attemptMark(context),
  }
}

/** A process of a user that the system does not know has no home. */
function homeFolder(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}
