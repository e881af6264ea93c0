import { Switch, type SwitchProps, Tooltip } from '@mantine/core'
import { type AllowedProps, useWhyNot } from './allowed.ts'

export interface AllowedSwitchProps extends Omit<SwitchProps, 'onChange' | 'disabled'>, AllowedProps {
  checked: boolean
  onChange: (checked: boolean) => void
}

/** A switch that stays focusable when it is not allowed, does nothing then, and says why in its tooltip. */
export function AllowedSwitch({ permission, because, checked, onChange, ...rest }: AllowedSwitchProps) {
  const why = useWhyNot({ permission, because })
  return (
    <Tooltip label={why ?? ''} disabled={why === undefined} refProp="rootRef">
      <Switch
        {...rest}
        checked={checked}
        withThumbIndicator={false}
        aria-disabled={why !== undefined || undefined}
        data-forbidden={why !== undefined || undefined}
        onChange={(event) => {
          if (why === undefined) onChange(event.currentTarget.checked)
        }}
      />
    </Tooltip>
  )
}
