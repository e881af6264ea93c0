import { Kbd, Modal } from '@mantine/core'
import { Fragment } from 'react'
import { useStore } from '../api/store.ts'
import { activeShortcuts, isHelpOpen } from '../parts/shortcuts.ts'
import classes from './help-sheet.module.css'

const GROUPS = ['This page', 'Go to', 'Everywhere'] as const

/** All shortcuts that are active, opened by `?`. */
export function HelpSheet() {
  const isOpen = useStore(isHelpOpen)
  const shortcuts = useStore(activeShortcuts)
  return (
    <Modal opened={isOpen} onClose={() => isHelpOpen.set(false)} title="Keyboard shortcuts">
      {GROUPS.map((group) => {
        const own = shortcuts.filter((shortcut) => shortcut.group === group)
        if (own.length === 0) return null
        return (
          <section key={group} aria-label={group} className={classes.group}>
            <h3 className={classes.heading}>{group}</h3>
            <dl className={classes.list}>
              {own.map(({ keys, label }) => (
                <Fragment key={keys}>
                  <dt>
                    <Keys keys={keys} />
                  </dt>
                  <dd>{label}</dd>
                </Fragment>
              ))}
              {group === 'Everywhere' && (
                <>
                  <dt>
                    <Keys keys="Esc" />
                  </dt>
                  <dd>Close what is open</dd>
                </>
              )}
            </dl>
          </section>
        )
      })}
    </Modal>
  )
}

function Keys({ keys }: { keys: string }) {
  const [first, ...others] = keys.split(' ')
  return (
    <>
      <Kbd size="sm">{first}</Kbd>
      {others.map((key) => (
        <Fragment key={key}>
          <span className={classes.then}>then</span>
          <Kbd size="sm">{key}</Kbd>
        </Fragment>
      ))}
    </>
  )
}
