import { operation } from '../../operation.ts'

/** The one way to log in. */
export const PROVIDERS = [
  {
    Name: 'Username / Password',
    IdentityType: 'UsernamePassword',
    FormsLoginEnabled: true,
    SupportsPasswordManagement: true,
    CSSLinks: [],
    JavascriptLinks: [],
    Links: { Authenticate: '/api/users/login' },
  },
]

/** `GET /api/authentication`: how one may log in, for who has not yet. */
export const getAuthentication = operation({
  method: 'GET',
  path: '/authentication',
  scope: 'server',
  permission: 'anonymous',
  summary: 'How one may log in',
  answers: { 200: 'The ways to log in.' },
  handle: async () => ({
    AuthenticationProviders: PROVIDERS,
    AnyAuthenticationProvidersSupportPasswordManagement: true,
    AutoLoginEnabled: false,
    Links: { Self: '/api/authentication' },
  }),
})
