const PREFIX = 'Octopus-Csrf-Token_'

let installation: Promise<string> | undefined

/** The CSRF token of this installation's session; empty without one. A host may serve several installations on several ports. */
export async function csrfToken(): Promise<string> {
  const tokens = document.cookie
    .split('; ')
    .filter((cookie) => cookie.startsWith(PREFIX))
    .map((cookie) => {
      const [name = '', ...value] = cookie.slice(PREFIX.length).split('=')
      return { name, value: decodeURIComponent(value.join('=')) }
    })
  if (tokens.length < 2) return tokens[0]?.value ?? ''
  installation ??= installationId()
  const own = await installation.catch(() => {
    installation = undefined
    return ''
  })
  return tokens.find((token) => token.name === own)?.value ?? ''
}

async function installationId(): Promise<string> {
  const response = await fetch('/api', { cache: 'no-store' })
  const root: unknown = await response.json()
  return typeof root === 'object' && root !== null && 'InstallationId' in root ? String(root.InstallationId) : ''
}
