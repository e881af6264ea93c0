import { IconAdjustments } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { undrainNode } from '../../api/nodes.ts'
import type { Node } from '../../api/wire.ts'
import { AllowedIcon } from '../../session/allowed-button.tsx'
import { AllowedSwitch } from '../../session/allowed-switch.tsx'
import { DrainPopover } from './drain-popover.tsx'
import classes from './drain-switch.module.css'
import { useToastedAction } from './use-toasted-action.ts'

/** Drains a node, having asked how; ends its drain; and beside a drain that is on, changes it. */
export function DrainSwitch({ node }: { node: Pick<Node, 'Id' | 'Name' | 'Drain'> }) {
  const [isOpen, setIsOpen] = useState(false)
  // The popover is drawn on first use: one for each of many nodes costs.
  const [isUsed, setIsUsed] = useState(false)
  const place = useRef<HTMLSpanElement>(null)
  const undrain = useToastedAction(undrainNode)
  const isOn = node.Drain !== null
  const open = () => {
    setIsUsed(true)
    setIsOpen(true)
  }
  const close = () => {
    setIsOpen(false)
    place.current?.querySelector('input')?.focus()
  }
  return (
    <span className={classes.place} ref={place}>
      <AllowedSwitch
        permission="ServerNodeEdit"
        size="sm"
        aria-label={`Drain ${node.Name}`}
        because={undrain.isPending ? 'The drain is being ended.' : undefined}
        checked={isOn}
        onChange={() => (isOn ? void undrain.start({ node }) : open())}
      />
      {isOn && (
        <AllowedIcon
          permission="ServerNodeEdit"
          label={`Change the drain of ${node.Name}`}
          variant="subtle"
          color="gray"
          size="sm"
          onClick={open}
        >
          <IconAdjustments size={15} aria-hidden />
        </AllowedIcon>
      )}
      {isUsed && (
        <DrainPopover nodes={[node]} isOpen={isOpen} onClose={close}>
          <span className={classes.anchor} />
        </DrainPopover>
      )}
    </span>
  )
}
