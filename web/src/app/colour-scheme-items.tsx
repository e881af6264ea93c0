import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As the system' },
] as const satisfies readonly { value: MantineColorScheme; label: string }[]

/** The entries of a menu that choose the colour scheme. */
export function ColourSchemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return SCHEMES.map(({ value, label }) => (
    <Menu.RadioItem key={value} value={value} checked={colorScheme === value} onChange={() => setColorScheme(value)}>
      {label}
    </Menu.RadioItem>
  ))
}
