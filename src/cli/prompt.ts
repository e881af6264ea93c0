import { CommandFailure, EXIT } from './exit-codes.ts'
import type { Surroundings } from './surroundings.ts'

const ENTER = new Set(['\r', '\n'])
const BACKSPACE = new Set(['\u007f', '\b'])
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/** True when there is a person at a terminal to ask. */
export function canAsk({ stdin, stderr }: Surroundings): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** Asks on the terminal; resolves to the line that was written. Ctrl-C ends the command. */
export function ask(surroundings: Surroundings, question: string): Promise<string> {
  return readAnswer(surroundings, question, true)
}

/** As `ask`, without showing what is written. */
export function askHidden(surroundings: Surroundings, question: string): Promise<string> {
  return readAnswer(surroundings, question, false)
}

/** Reads key by key: in its raw mode the terminal shows nothing by itself. */
async function readAnswer({ stdin, stderr }: Surroundings, question: string, shown: boolean): Promise<string> {
  stderr.write(question)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  let answer = ''
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const key of String(chunk)) {
        if (ENTER.has(key)) return answer
        if (key === CTRL_C || (key === CTRL_D && answer === ''))
          throw new CommandFailure(EXIT.interrupted, 'Interrupted.')
        if (BACKSPACE.has(key)) {
          if (shown && answer !== '') stderr.write('\b \b')
          answer = [...answer].slice(0, -1).join('')
        } else if (key >= ' ') {
          answer += key
          if (shown) stderr.write(key)
        }
      }
    }
    return answer
  } finally {
    stderr.write('\n')
    stdin.setRawMode(false)
    stdin.pause()
  }
}

/** All that standard input holds, as text. */
export async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
