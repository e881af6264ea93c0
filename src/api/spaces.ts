import { Refusal } from '../lib/errors.ts'

/** The one space there is, which requests without a space mean. */
export const DEFAULT_SPACE = 'Spaces-1'
export const DEFAULT_SPACE_NAME = 'Default'

/** A segment of a path that holds the id of a space, in any letter case, and nothing else, so that it is told from a resource's name. */
export const SPACE_ID_SEGMENT = ':space(^[sS][pP][aA][cC][eE][sS]-[0-9]+$)'

/** The id of the space that a path names by id, slug or name; refuses with 404 when there is none. */
export function spaceOfIdentifier(identifier: string): string {
  const wanted = identifier.toLowerCase()
  if (wanted === DEFAULT_SPACE.toLowerCase() || wanted === DEFAULT_SPACE_NAME.toLowerCase()) return DEFAULT_SPACE
  throw new Refusal('NotFound', `There is no space ${identifier.slice(0, 100)}. The only one is ${DEFAULT_SPACE}.`)
}
