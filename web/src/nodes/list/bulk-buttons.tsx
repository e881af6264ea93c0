import { useState } from 'react'
import { undrainNodes } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { DrainPopover } from '../shared/drain-popover.tsx'
import { useToastedAction } from '../shared/use-toasted-action.ts'
import classes from './toolbar.module.css'

export interface BulkButtonsProps {
  /** Those that are selected. */
  nodes: readonly Node[]
  /** After something was done with them. */
  onDone: () => void
}

/** What can be done with several nodes at once. They stand there always, so that nothing jumps when a node is selected. */
export function BulkButtons({ nodes, onDone }: BulkButtonsProps) {
  // What it was opened for stays, whatever becomes of the selection.
  const [draining, setDraining] = useState<readonly Node[]>([])
  const undrain = useToastedAction(undrainNodes)
  const free = nodes.filter(({ Drain }) => Drain === null)
  const drained = nodes.filter(({ Drain }) => Drain !== null)
  const none = nodes.length === 0 ? 'Select nodes first.' : undefined
  const close = () => setDraining([])
  return (
    <div className={classes.bulk}>
      <span className={classes.selected} aria-live="polite">
        {nodes.length > 0 && `${nodes.length} selected`}
      </span>
      <DrainPopover nodes={draining} isOpen={draining.length > 0} onClose={close} onDone={onDone}>
        <span>
          <AllowedButton
            permission="ServerNodeEdit"
            because={none ?? (free.length === 0 ? 'All selected nodes are in drain mode already.' : undefined)}
            size="compact-sm"
            variant="default"
            aria-haspopup="dialog"
            aria-expanded={draining.length > 0}
            onClick={() => setDraining(free)}
          >
            Drain selected…
          </AllowedButton>
        </span>
      </DrainPopover>
      <AllowedButton
        permission="ServerNodeEdit"
        because={none ?? (drained.length === 0 ? 'None of the selected nodes is in drain mode.' : undefined)}
        size="compact-sm"
        variant="default"
        loading={undrain.isPending}
        onClick={() => void undrain.start({ nodes: drained }).then((done) => done !== undefined && onDone())}
      >
        Undrain selected
      </AllowedButton>
    </div>
  )
}
