// Sets the colour scheme before anything is drawn, so that a dark page does not flash white.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('tako-colour-scheme')
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
})()
