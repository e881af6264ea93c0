import { type MantineColorScheme, Radio, Stack, useMantineColorScheme } from '@mantine/core'
import { Panel } from '../parts/panel.tsx'

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As the system' },
] as const satisfies readonly { value: MantineColorScheme; label: string }[]

/** Chooses the colours, kept in this browser. */
export function ColoursPanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const choose = (value: string) => {
    const scheme = SCHEMES.find((one) => one.value === value)
    if (scheme) setColorScheme(scheme.value)
  }
  return (
    <Panel title="Colours">
      <Radio.Group value={colorScheme} onChange={choose} aria-label="Colours">
        <Stack gap="xs">
          {SCHEMES.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
    </Panel>
  )
}
