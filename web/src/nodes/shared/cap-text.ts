export const LARGEST_CAP = 1000

/** The task cap that a text means, or what is wrong with it, as a sentence. */
export function readCap(text: string): { cap: number } | { problem: string } {
  const trimmed = text.trim()
  const cap = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : Number.NaN
  if (cap >= 0 && cap <= LARGEST_CAP) return { cap }
  return { problem: `A task cap is a whole number from 0 to ${LARGEST_CAP}.` }
}

/** What the toast says after a change. */
export function capSentence(name: string, cap: number, running: number): string {
  const said = `The task cap of ${name} is ${cap}.`
  if (cap === 0) return `${said} It starts no tasks.`
  return running > cap ? `${said} It runs ${running}, and starts none until enough have ended.` : said
}
