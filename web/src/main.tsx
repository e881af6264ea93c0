import './app/styles.css'
import './app/nonce.ts'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client.ts'
import { colourSchemes } from './app/colour-schemes.ts'
import { router } from './app/router.tsx'
import { cssVariables, theme } from './app/theme.ts'
import { ConfirmHost } from './parts/confirm-dialog.tsx'
import { styleNonce } from './parts/style-nonce.ts'
import { SessionGate } from './session/session-gate.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root.')

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colourSchemes}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={4} autoClose={6000} />
        <SessionGate>
          <RouterProvider router={router} />
        </SessionGate>
        <ConfirmHost />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
