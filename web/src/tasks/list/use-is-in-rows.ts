import { type RefObject, useEffect, useState } from 'react'

/** True while the focus is in a row of the table within `list`. */
export function useIsInRows(list: RefObject<HTMLElement | null>): boolean {
  const [isIn, setIsIn] = useState(false)
  useEffect(() => {
    const element = list.current
    if (!element) return
    const look = ({ target }: FocusEvent) => setIsIn(target instanceof Element && target.closest('tbody') !== null)
    const leave = () => setIsIn(false)
    element.addEventListener('focusin', look)
    element.addEventListener('focusout', leave)
    return () => {
      element.removeEventListener('focusin', look)
      element.removeEventListener('focusout', leave)
    }
  }, [list])
  return isIn
}
