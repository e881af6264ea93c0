import { Refusal } from '../lib/errors.ts'

/** The number in an id such as `ServerTasks-7` (in any letter case), or undefined when it is none of this kind. */
export function numberOfId(prefix: string, id: string): number | undefined {
  const [, number] = /-(\d{1,15})$/.exec(id) ?? []
  return number !== undefined && id.toLowerCase() === `${prefix.toLowerCase()}-${number}` ? Number(number) : undefined
}

/** Refuses with 404: there is no such thing. */
export function notFound(what: string, id: string): Refusal {
  return new Refusal('NotFound', `There is no ${what} ${id.slice(0, 100)}.`)
}
