import { styleNonce } from '../parts/style-nonce.ts'

// The scroll lock of dialogs makes a style of its own and asks this global for the nonce.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() })
