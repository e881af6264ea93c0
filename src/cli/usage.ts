import type { Command, CommanderError } from 'commander'
import { type CommandFailure, usageFailure } from './exit-codes.ts'

/** A fault that commander found in the words of a call, as one sentence with a hint. */
export function usageFailureOf(error: CommanderError, command: Command): CommandFailure {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = rest.join(' ').replace(/^\(|\)$/g, '')
  const help = `Run "${pathOf(command)} --help" to see how it is used.`
  return usageFailure(sentenceOf(first), [suggestion, help].filter(Boolean).join(' '))
}

function sentenceOf(fault: string): string {
  const plain = fault
    .replace(/^command-argument value '(.*)' is invalid for argument '(.*?)'\./, "'$1' does not fit <$2>.")
    .replace(/^option '(.*?)' argument '(.*)' is invalid\./, "'$2' does not fit $1.")
  const sentence = plain.charAt(0).toUpperCase() + plain.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

/** `tako node drain`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}
