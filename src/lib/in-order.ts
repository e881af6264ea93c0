/**
 * Does something with each of many, at most so many at a time, and returns the results in their order. After a failure
 * nothing new is begun, and it is thrown when what was under way has ended.
 */
export async function eachInOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const queue = items.entries()
  let hasFailed = false
  const work = async () => {
    for (const [at, item] of queue) {
      if (hasFailed) return
      results.set(
        at,
        await act(item).catch((error: unknown) => {
          hasFailed = true
          throw error
        }),
      )
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, work))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
