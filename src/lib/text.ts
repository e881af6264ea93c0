/** Takes out what PostgreSQL's text type refuses: U+0000, and surrogates that stand alone. */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\u0000') ? wellFormed.replaceAll('\u0000', '\uFFFD') : wellFormed
}

/** True when a text for people (a name, a reason) holds a control character, which no list or terminal should be given. */
export function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text)
}
