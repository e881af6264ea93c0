import { Button, Title } from '@mantine/core'
import { useState } from 'react'
import type { FullTask } from '../../api/wire.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/panel.tsx'
import { type ArgumentBlock, argumentBlocks } from './argument-blocks.ts'
import classes from './task-page.module.css'

const LINES_SHOWN = 8

/** What the task was given: its script, and whatever else. */
export function TaskArguments({ task }: { task: FullTask }) {
  const blocks = argumentBlocks(task.Arguments ?? {})
  const short = blocks.filter((block) => block.isShort)
  if (blocks.length === 0) return null
  return (
    <Panel title="Arguments">
      {short.length > 0 && (
        <Facts>
          {short.map(({ name, text }) => (
            <Fact key={name} name={name}>
              {text}
            </Fact>
          ))}
        </Facts>
      )}
      {blocks
        .filter((block) => !block.isShort)
        .map((block) => (
          <LongArgument key={block.name} block={block} />
        ))}
    </Panel>
  )
}

function LongArgument({ block: { name, text } }: { block: ArgumentBlock }) {
  const lines = text.split('\n').length
  const isLong = lines > LINES_SHOWN
  const [isOpen, setOpen] = useState(false)
  return (
    <div className={classes.block}>
      <div className={classes.blockHead}>
        <Title order={3}>{name}</Title>
        <CopyButton value={text} label={`Copy ${name.toLowerCase()}`} />
      </div>
      <section
        className={classes.code}
        data-closed={(isLong && !isOpen) || undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        tabIndex={0}
        aria-label={name}
      >
        <pre>{text}</pre>
      </section>
      {isLong && (
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all ${lines} lines`}
        </Button>
      )}
    </div>
  )
}
