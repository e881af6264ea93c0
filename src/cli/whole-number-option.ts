import { InvalidArgumentError } from 'commander'

/** An option or an argument that is a whole number, 0 or more. */
export function wholeNumberOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 0 or more.')
  return Number(text)
}
