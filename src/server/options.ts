import { hostname } from 'node:os'
import { defaultTimings, type Timings } from '../cluster/timings.ts'
import { formatDuration } from '../lib/duration.ts'
import { ConfigurationError } from '../lib/errors.ts'
import {
  type Option,
  oneOf,
  readApiKey,
  readDatabaseUrl,
  readDuration,
  readListen,
  readMasterKey,
  readName,
  readNodeUrl,
  readSwitch,
  readTaskCap,
  readTaskLease,
  required,
  shownHost,
} from './option-values.ts'

const duration = (ms: number) => formatDuration(ms).replaceAll(' ', '')

/** Every option of a node, declared once. The order is that of the help. */
const OPTIONS = {
  name: {
    flag: '--name',
    env: 'TAKO_NAME',
    value: 'NAME',
    help: 'unique name of the node; case does not matter (default: the host name)',
  },
  listen: {
    flag: '--listen',
    env: 'TAKO_LISTEN',
    value: 'HOST:PORT',
    fallback: '127.0.0.1:8081',
    help: 'address to listen on',
  },
  nodeUrl: {
    flag: '--node-url',
    env: 'TAKO_NODE_URL',
    value: 'URL',
    help: 'where other nodes and people reach this very node (default: from the listen address)',
  },
  databaseUrl: {
    flag: '--database-url',
    env: 'TAKO_DATABASE_URL',
    value: 'URL',
    help: 'PostgreSQL 14 or later, such as postgres://user:password@host:5432/tako; several hosts may be given, the one that takes writes is used (required)',
  },
  sharedDir: {
    flag: '--shared-dir',
    env: 'TAKO_SHARED_DIR',
    value: 'DIR',
    help: 'folder that all nodes of the cluster share (required)',
  },
  taskCap: {
    flag: '--task-cap',
    env: 'TAKO_TASK_CAP',
    value: 'N',
    fallback: '5',
    help: 'most tasks at once; applies when the name is first registered, later the database rules; 0 makes a node that only serves the API',
  },
  drained: { flag: '--drained', env: 'TAKO_DRAINED', help: 'join drained; applies when the name is first registered' },
  masterKey: {
    flag: '--master-key',
    env: 'TAKO_MASTER_KEY',
    value: 'KEY',
    help: 'key of the cluster for sensitive values: 32 bytes in base64 (better given by the environment)',
  },
  logLevel: {
    flag: '--log-level',
    env: 'TAKO_LOG_LEVEL',
    value: 'LEVEL',
    fallback: 'info',
    help: 'trace, debug, info, warn, error or silent',
  },
  adminUsername: {
    flag: '--admin-username',
    env: 'TAKO_ADMIN_USERNAME',
    value: 'NAME',
    fallback: 'admin',
    help: 'first user; takes effect when the database is first set up',
  },
  adminPassword: {
    flag: '--admin-password',
    env: 'TAKO_ADMIN_PASSWORD',
    value: 'PASSWORD',
    help: 'its password; generated and printed once when not given',
  },
  adminApiKey: {
    flag: '--admin-api-key',
    env: 'TAKO_ADMIN_API_KEY',
    value: 'KEY',
    help: 'an API key for it: API- and 20 to 60 upper-case letters and digits',
  },
  heartbeatInterval: {
    flag: '--heartbeat-interval',
    env: 'TAKO_HEARTBEAT_INTERVAL',
    value: 'TIME',
    fallback: duration(defaultTimings.heartbeatIntervalMs),
    help: 'time between two beats',
  },
  leaseDuration: {
    flag: '--lease-duration',
    env: 'TAKO_LEASE_DURATION',
    value: 'TIME',
    fallback: duration(defaultTimings.leaseDurationMs),
    help: 'silence after which a node is offline and its lead void',
  },
  taskLease: {
    flag: '--task-lease',
    env: 'TAKO_TASK_LEASE',
    value: 'TIMES',
    fallback: 'fail=5m,rerun=20s,resume=20s',
    help: 'silence after which the attempts of a node are settled, for each way of settling',
  },
  queueExpiry: {
    flag: '--queue-expiry',
    env: 'TAKO_QUEUE_EXPIRY',
    value: 'TIME',
    fallback: duration(defaultTimings.queueExpiryMs),
    help: 'longest time a task waits in the queue',
  },
  cancelGrace: {
    flag: '--cancel-grace',
    env: 'TAKO_CANCEL_GRACE',
    value: 'TIME',
    fallback: duration(defaultTimings.cancelGraceMs),
    help: 'time between SIGTERM and SIGKILL of a cancelled script',
  },
  lameDuck: {
    flag: '--lame-duck',
    env: 'TAKO_LAME_DUCK',
    value: 'TIME',
    fallback: duration(defaultTimings.lameDuckMs),
    help: 'how long a stopping node serves requests after its ping has begun to fail',
  },
  stopDeadline: {
    flag: '--stop-deadline',
    env: 'TAKO_STOP_DEADLINE',
    value: 'TIME',
    fallback: duration(defaultTimings.stopDeadlineMs),
    help: 'how long a stopping node lets its tasks run on',
  },
  abandonAfter: {
    flag: '--abandon-after',
    env: 'TAKO_ABANDON_AFTER',
    value: 'TIME',
    fallback: duration(defaultTimings.abandonAfterMs),
    help: 'time in Cancelling after which a task may be abandoned',
  },
  retention: {
    flag: '--retention',
    env: 'TAKO_RETENTION',
    value: 'TIME',
    fallback: duration(defaultTimings.retentionMs),
    help: 'how long finished tasks, their logs and events are kept',
  },
  drainStatus: {
    flag: '--drain-status',
    env: 'TAKO_DRAIN_STATUS',
    value: 'CODE',
    fallback: '418',
    help: 'what the ping of a drained node answers: 418, 503 or 404',
  },
  deathProof: {
    flag: '--death-proof',
    env: 'TAKO_DEATH_PROOF',
    value: 'on|off',
    fallback: 'on',
    help: 'off in networks that answer in place of hosts, where a refused connection proves nothing',
  },
  stopOnStdinEnd: {
    flag: '--stop-on-stdin-end',
    env: 'TAKO_STOP_ON_STDIN_END',
    help: 'stop in order when standard input ends, for a supervisor that may be killed',
  },
} satisfies Record<string, Option>

type OptionName = keyof typeof OPTIONS

/** A node's settings, read and checked. Secrets are in here: never log the whole of it. */
export interface ServerOptions {
  name: string
  listen: { host: string; port: number }
  nodeUrl: string
  databaseUrl: string
  sharedDir: string
  taskCap: number
  drained: boolean
  masterKey: Buffer | undefined
  logLevel: string
  admin: { username: string; password: string | undefined; apiKey: string | undefined }
  timings: Timings
  drainStatus: DrainStatus
  deathProof: 'on' | 'off'
  stopOnStdinEnd: boolean
}

export type DrainStatus = 418 | 503 | 404
const DRAIN_STATUS: Record<string, DrainStatus> = { 418: 418, 503: 503, 404: 404 }

/** Reads flags, then environment, then defaults. Throws a ConfigurationError that names the option and what it may be. */
export function readServerOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServerOptions {
  const given = { ...fromEnvironment(env), ...fromFlags(argv) }
  const text = (name: OptionName) => given[name] ?? optionOf(name).fallback
  const time = (name: OptionName) => readDuration(OPTIONS[name], text(name) ?? '')
  const listen = readListen(OPTIONS.listen, text('listen') ?? '')
  return {
    name: readName(OPTIONS.name, text('name') ?? hostname()),
    listen,
    nodeUrl: readNodeUrl(OPTIONS.nodeUrl, text('nodeUrl') ?? `http://${shownHost(listen.host)}:${listen.port}`),
    databaseUrl: readDatabaseUrl(OPTIONS.databaseUrl, text('databaseUrl')),
    sharedDir: required(OPTIONS.sharedDir, text('sharedDir')),
    taskCap: readTaskCap(OPTIONS.taskCap, text('taskCap') ?? ''),
    drained: readSwitch(OPTIONS.drained, text('drained')),
    masterKey: readMasterKey(text('masterKey')),
    logLevel: oneOf(OPTIONS.logLevel, text('logLevel') ?? '', ['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    admin: {
      username: text('adminUsername') ?? 'admin',
      password: text('adminPassword'),
      apiKey: readApiKey(text('adminApiKey')),
    },
    timings: {
      heartbeatIntervalMs: time('heartbeatInterval'),
      leaseDurationMs: time('leaseDuration'),
      taskLeaseMs: readTaskLease(OPTIONS.taskLease, text('taskLease') ?? ''),
      queueExpiryMs: time('queueExpiry'),
      cancelGraceMs: time('cancelGrace'),
      lameDuckMs: time('lameDuck'),
      stopDeadlineMs: time('stopDeadline'),
      abandonAfterMs: time('abandonAfter'),
      retentionMs: time('retention'),
    },
    drainStatus: DRAIN_STATUS[oneOf(OPTIONS.drainStatus, text('drainStatus') ?? '', ['418', '503', '404'])] ?? 418,
    deathProof: oneOf(OPTIONS.deathProof, text('deathProof') ?? '', ['on', 'off']),
    stopOnStdinEnd: readSwitch(OPTIONS.stopOnStdinEnd, text('stopOnStdinEnd')),
  }
}

/** The text of `tako server --help`. */
export function serverHelp(): string {
  const rows = Object.values(OPTIONS).map((option: Option) => {
    const left = option.value ? `${option.flag} ${option.value}` : option.flag
    const fallback = option.fallback ? ` (default: ${option.fallback})` : ''
    return `  ${left}\n      ${option.help}${fallback}\n      ${option.env}`
  })
  return [
    'Usage: tako server --database-url URL --shared-dir DIR [options]',
    '',
    'Runs one node of a Tako cluster until SIGTERM or SIGINT; a second signal stops it at once.',
    '',
    'Options, each also as environment variable; times as 500ms, 10s, 5m, 2h, 1d:',
    ...rows,
    '',
  ].join('\n')
}

type Given = Partial<Record<OptionName, string>>

function optionOf(name: OptionName): Option {
  return OPTIONS[name]
}

function entries(): [OptionName, Option][] {
  return (Object.keys(OPTIONS) as OptionName[]).map((name) => [name, optionOf(name)])
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Given {
  const given: Given = {}
  for (const [name, option] of entries()) {
    const value = env[option.env]
    if (value !== undefined && value !== '') given[name] = value
  }
  return given
}

function fromFlags(argv: readonly string[]): Given {
  const given: Given = {}
  for (let i = 0; i < argv.length; i += 1) {
    const [flag, inline] = splitFlag(argv[i] ?? '')
    const found = entries().find(([, option]) => option.flag === flag)
    if (!found) throw new ConfigurationError(`"${flag}" is not an option of tako server. See: tako server --help`)
    const [name, option] = found
    if (!option.value) given[name] = inline ?? 'true'
    else if (inline !== undefined) given[name] = inline
    else {
      i += 1
      const value = argv[i]
      if (value === undefined) throw new ConfigurationError(`${flag} needs a value: ${flag} ${option.value}.`)
      given[name] = value
    }
  }
  return given
}

function splitFlag(argument: string): [string, string | undefined] {
  const equals = argument.startsWith('--') ? argument.indexOf('=') : -1
  return equals < 0 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)]
}
