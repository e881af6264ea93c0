import { Link } from '@tanstack/react-router'
import { placeOf } from './event-words.ts'

/** A document's name, as a link where it has a page. */
export function DocumentLink({ id, text }: { id: string; text?: string }) {
  const place = placeOf(id)
  const words = text ?? place.name
  if (place.page === 'node') {
    return (
      <Link to="/nodes/$id" params={{ id }}>
        {words}
      </Link>
    )
  }
  if (place.page === 'task') {
    return (
      <Link to="/tasks/$id" params={{ id }}>
        {words}
      </Link>
    )
  }
  if (place.page === 'jobs') return <Link to="/jobs">{words}</Link>
  return <span>{words}</span>
}
