import { localStorageColorSchemeManager } from '@mantine/core'

/** Keeps the chosen colour scheme where public/colour-scheme.js looks for it before the first paint. */
export const colourSchemes = localStorageColorSchemeManager({ key: 'tako-colour-scheme' })
