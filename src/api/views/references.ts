/** Where in a sentence a document is named. */
export interface MessageReference {
  ReferencedDocumentId: string
  StartIndex: number
  Length: number
}

/** The first place at which each of the documents is named in the sentence, by its id or, for a node, by its name. */
export function referencesIn(message: string, related: readonly string[]): MessageReference[] {
  return related.flatMap((id) => {
    for (const name of [id, id.replace(/^OctopusServerNodes-/, '')]) {
      const start = wholeWordIndex(message, name)
      if (start >= 0) return [{ ReferencedDocumentId: id, StartIndex: start, Length: name.length }]
    }
    return []
  })
}

/** `ServerTasks-1` is not named by `ServerTasks-12`. */
function wholeWordIndex(text: string, word: string): number {
  const isPartOfName = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_-]/u.test(character)
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPartOfName(text[at - 1]) && !isPartOfName(text[at + word.length])) return at
  }
  return -1
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** The text with what HTML would read as markup made harmless. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
