import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Where `vite` finds a running cluster; set TAKO_URL for another one. */
const cluster = process.env.TAKO_URL ?? 'http://localhost:8080'

/** Of the code as it is, in characters. */
const LARGE_PART = 150_000

// biome-ignore lint/style/noDefaultExport: Vite reads its settings from the default export.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/app/',
  plugins: [react(), nameParts()],
  // Stands in index.html for the nonce that the server makes for each answer; styles made at run time carry it.
  html: { cspNonce: 'TAKO_CSP_NONCE' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: scripts or fonts, and small files compress better inside their bundle.
    assetsInlineLimit: 0,
    // One style sheet, with the first load: a page whose styles did not come would be worse than one that did not.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': { target: cluster, changeOrigin: false } } },
  preview: { proxy: { '/api': { target: cluster, changeOrigin: false } } },
})

/** Names the parts of this build in its page, for public/recovery.js; what is large is only fetched when it is wanted. */
function nameParts(): Plugin {
  return {
    name: 'tako-parts',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const parts = Object.values(bundle).filter((file) => file.type === 'chunk' && !file.isEntry)
        const small = parts.filter((file) => 'code' in file && file.code.length < LARGE_PART)
        const content = small.map(({ fileName }) => `/app/${fileName}`).join(' ')
        return [{ tag: 'meta', attrs: { name: 'tako-parts', content }, injectTo: 'head' }]
      },
    },
  }
}
