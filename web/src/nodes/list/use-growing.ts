import { useEffect, useState } from 'react'

const FIRST = 12
const STEP = 6

/** The first rows at once and the others soon after in steps, so that a long list never holds up the page. */
export function useGrowing<Row>(rows: readonly Row[]): readonly Row[] {
  const [count, setCount] = useState(FIRST)
  const isWhole = count >= rows.length
  useEffect(() => {
    if (isWhole) return
    const timer = setTimeout(() => setCount(count + STEP), 0)
    return () => clearTimeout(timer)
  }, [count, isWhole])
  return isWhole ? rows : rows.slice(0, count)
}
