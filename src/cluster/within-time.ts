/** Settles as `act` does, or rejects with `message` after `ms`, whichever is first. What `act` does later is left to itself. */
export async function withinTime<T>(ms: number, message: string, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  try {
    return await Promise.race([act(), late])
  } finally {
    clearTimeout(timer)
  }
}
