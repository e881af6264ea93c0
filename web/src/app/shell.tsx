import { Outlet } from '@tanstack/react-router'
import type { MouseEvent } from 'react'
import { Banners } from './banners.tsx'
import { Header } from './header.tsx'
import { HelpSheet } from './help-sheet.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'
import { useGoShortcuts } from './use-go-shortcuts.ts'

/** What stands around every page. */
export function Shell() {
  useGoShortcuts()
  return (
    <div className={classes.shell}>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a place of this page; only the address stays as it is. */}
      <a href="#page" className={classes.skip} onClick={goToPage}>
        Skip to the page
      </a>
      <Header />
      <Navigation />
      <main id="page" tabIndex={-1} className={classes.page}>
        <Banners />
        <Outlet />
        <div id="overlays" />
      </main>
      <HelpSheet />
    </div>
  )
}

/** Without the address, which is the router's. */
function goToPage(event: MouseEvent) {
  event.preventDefault()
  document.getElementById('page')?.focus()
}
