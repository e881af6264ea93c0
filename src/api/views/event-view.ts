import type { EventRow } from '../operations/events/queries.ts'
