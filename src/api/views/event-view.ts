import { wireDate } from '../dates.ts'
import { EVENT_CATEGORIES } from '../operations/events/catalogue.ts'
import type { EventRow } from '../operations/events/queries.ts'
import { differencesBetween } from './differences.ts'
import { escapeHtml, referencesIn } from './references.ts'

/** An entry of the audit trail as the wire has it. */
export function eventView(row: EventRow, { withDifferences = true } = {}) {
  return {
    Id: `Events-${row.id}`,
    Category: row.category,
    CategoryName: categoryName(row.category),
    UserId: row.user_id === null ? 'users-system' : `Users-${row.user_id}`,
    Username: row.username,
    IsService: row.is_service,
    IdentityEstablishedWith: row.established_with ?? '',
    UserAgent: row.user_agent ?? '',
    Occurred: wireDate(row.occurred),
    Message: row.message,
    MessageHtml: escapeHtml(row.message),
    MessageReferences: referencesIn(row.message, row.related),
    RelatedDocumentIds: row.related,
    Comments: null,
    Details: null,
    ChangeDetails: changeDetails(row, withDifferences),
    IpAddress: row.address,
    NodeName: row.node,
    SpaceId: null,
    Links: { Self: `/api/events/Events-${row.id}` },
  }
}

/** What was before and after, whole and as the list of changes; of a made document only after, of a deleted one only before. */
function changeDetails({ before, after }: EventRow, withDifferences: boolean) {
  const isChange = withDifferences && (before !== null || after !== null)
  return {
    DocumentContext: withDifferences ? (after ?? before) : null,
    Differences: isChange ? differencesBetween(before ?? {}, after ?? {}) : [],
    Before: withDifferences ? before : null,
    After: withDifferences ? after : null,
  }
}

/** The category's name for people. */
export function categoryName(category: string): string {
  return Object.entries(EVENT_CATEGORIES).find(([id]) => id === category)?.[1].name ?? category
}
