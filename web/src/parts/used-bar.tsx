import classes from './used-bar.module.css'

export interface UsedBarProps {
  used: number
  of: number
  /** For screen readers, such as `Tasks of node-a`. */
  label: string
}

/** How much of a capacity is used, as a small bar. The numbers belong beside it. */
export function UsedBar({ used, of, label }: UsedBarProps) {
  return (
    <meter
      className={classes.bar}
      aria-label={label}
      min={0}
      max={Math.max(1, of)}
      value={Math.min(used, Math.max(1, of))}
    >
      {used} of {of}
    </meter>
  )
}
