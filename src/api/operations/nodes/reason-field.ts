import { lineOfText } from '../../fields.ts'

/** `Reason`: why somebody does this, in one line, as others will read it. */
export function reasonField() {
  return lineOfText(500).optional().meta({ description: 'Why, in one line of at most 500 characters.' })
}
