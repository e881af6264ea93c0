import classes from './count-filter.module.css'
import { lookOf, type StateName } from './states.ts'

export interface CountOption<Value extends string> {
  value: Value
  label: string
  count: number | undefined
  /** Shown with this state's icon and colour. */
  state?: StateName
}

export interface CountFilterProps<Value extends string> {
  /** For screen readers, such as `Filter by state`. */
  label: string
  options: readonly CountOption<Value>[]
  /** Those that are chosen. */
  values: readonly Value[]
  onChange: (values: Value[]) => void
  /** One at a time instead of any number; choosing it again leaves it. */
  isSingle?: boolean
}

const NUMBERS = new Intl.NumberFormat()

/** A filter by states, each with how many there are. */
export function CountFilter<Value extends string>({
  label,
  options,
  values,
  onChange,
  isSingle,
}: CountFilterProps<Value>) {
  const choose = (value: Value) => {
    const isOn = values.includes(value)
    if (isSingle) return onChange([value])
    onChange(isOn ? values.filter((one) => one !== value) : [...values, value])
  }
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{label}</legend>
      {options.map((option) => {
        const look = option.state && lookOf(option.state)
        const Icon = look?.icon
        return (
          <button
            key={option.value}
            type="button"
            className={classes.chip}
            aria-pressed={values.includes(option.value)}
            onClick={() => choose(option.value)}
          >
            {Icon && (
              <span className={classes.icon} data-tone={look.tone} aria-hidden>
                <Icon size={14} />
              </span>
            )}
            <span>{option.label}</span>
            {option.count !== undefined && <span className={classes.count}>{NUMBERS.format(option.count)}</span>}
          </button>
        )
      })}
    </fieldset>
  )
}
