import { useState } from 'react'
import type { Node } from '../../api/wire.ts'
import { AllowedButton } from '../../session/allowed-button.tsx'
import { DrainPopover } from '../shared/drain-popover.tsx'

/** Opens the form that drains a node, or changes the drain that is on. */
export function DrainButton({ node }: { node: Node }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <DrainPopover nodes={[node]} isOpen={isOpen} onClose={() => setIsOpen(false)}>
      <AllowedButton
        permission="ServerNodeEdit"
        variant="default"
        size="sm"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        {node.Drain === null ? 'Drain…' : 'Change drain…'}
      </AllowedButton>
    </DrainPopover>
  )
}
