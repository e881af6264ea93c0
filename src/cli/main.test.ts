import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CapturedCli, captureCli } from '../../test/support/captured-cli.ts'

let cli: CapturedCli

beforeAll(() => {
  cli = captureCli()
})
afterAll(() => cli.remove())

test.each([
  [['nod'], "Unknown command 'nod'.", 'Did you mean node?'],
  [['task', 'lst'], "Unknown command 'lst'.", 'Did you mean list?'],
  [['node', 'drain'], "Missing required argument 'node'.", 'tako node drain --help'],
  [['node', 'drain', 'a', '--dedline', '3'], "Unknown option '--dedline'.", 'Did you mean --deadline?'],
  [['node', 'drain', 'a', '--deadline', 'soon'], "'soon' does not fit --deadline <when>.", 'tako node drain --help'],
  [['node', 'drain', 'a', '--timeout', '5m'], '--timeout is about --wait', ''],
  [['node', 'drain', 'a', '--cancel-at-deadline'], '--cancel-at-deadline needs a --deadline.', ''],
  [['node', 'drain', 'a', '--for', '1h', '--undrain-at', '18:00'], 'the same thing', ''],
  [['node', 'cap', 'a', '-1'], "'-1' does not fit <tasks>.", '0 or more'],
  [['node', 'cap', 'a', '1.5'], "'1.5' does not fit <tasks>.", '0 or more'],
  [['task', 'show', 'abc'], "'abc' is not the id of a task.", 'ServerTasks-12'],
  [['task', 'run'], 'The script is missing.', '--file'],
  [['task', 'run', 'true', '--file', 'x.sh'], 'not both', ''],
  [['task', 'run', '--file', '/does/not/exist'], '/does/not/exist cannot be read', ''],
  [['task', 'run', '--kind', 'X', '--arguments', '[1]'], "'[1]' does not fit --arguments <json>.", 'JSON object'],
  [['task', 'run', 'true', '--env', 'X'], "'X' does not fit --env <name=value>.", 'NAME=value'],
  [['task', 'list', '--state', 'Running'], "'Running' does not fit --state <states>.", 'Executing'],
  [['node', 'list', '--url', 'ftp://x'], "'ftp://x' (--url) is not the address of a server.", 'http://localhost:8080'],
  [['user', 'create', 'x', '--role', 'king'], "'king' does not fit --role <role>.", 'administrator'],
])('%j is wrong usage: one sentence, a hint, exit code 2', async (args, sentence, hint) => {
  const { exitCode, stdout, stderr } = await cli.run(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(sentence)
  expect(stderr).toContain(hint)
})

test('help is printed on request, for every command, and is no error', async () => {
  const { stdout } = await cli.run(['--help'])
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) +[A-Z]/gm)].map(([, name]) => name ?? '')
  expect(names).toContain('task')
  // A node shows its own help, on the real standard output.
  for (const group of names.filter((name) => name !== 'server')) {
    const help = await cli.run([group, '--help'])
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    const [, commands = ''] = help.stdout.split('\nCommands:\n')
    for (const [, command = ''] of commands.matchAll(/^ {2}([a-z-]+) +[A-Z]/gm)) {
      const { exitCode, stdout: text } = await cli.run([group, command, '--help'])
      expect({ exitCode, begins: text.startsWith(`Usage: tako ${group} ${command}`) }).toEqual({
        exitCode: 0,
        begins: true,
      })
      expect(text.split('\n').every((line) => line.length <= 100)).toBe(true)
    }
  }
  expect(await cli.run(['help', 'node', 'drain'])).toEqual(await cli.run(['node', 'drain', '--help']))
})

test('a group without a command shows its help, and that is wrong usage', async () => {
  for (const args of [[], ['node']]) {
    const { exitCode, stdout, stderr } = await cli.run(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Commands:')
  }
})
