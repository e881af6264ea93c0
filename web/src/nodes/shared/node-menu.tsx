import { ActionIcon, Menu } from '@mantine/core'
import {
  IconCopy,
  IconDots,
  IconExternalLink,
  IconPlayerEject,
  IconRefresh,
  IconSkull,
  IconStairsDown,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { Node } from '../../api/wire.ts'
import { copyText } from '../../parts/copy-text.ts'
import { toastDone, toastFailed } from '../../parts/toast.tsx'
import { AllowedMenuItem } from '../../session/allowed-button.tsx'
import { type ActingNode, whyNoDeath, whyNoDelete, whyNoRetire } from './node-questions.ts'
import { RerunLostDialog } from './rerun-lost-dialog.tsx'
import { useNodeActions } from './use-node-actions.ts'

const SIZE = 15

export interface NodeMenuProps {
  node: ActingNode & Pick<Node, 'PingUrl'>
  /** After the node is gone, such as to leave its page. */
  onDeleted?: () => void
}

/** What can be done with a node beside draining it and setting its cap. Drawn on first use: one for each of many nodes costs. */
export function NodeMenu(props: NodeMenuProps) {
  const [isUsed, setIsUsed] = useState(false)
  if (isUsed) return <UsedMenu {...props} />
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`More for ${props.node.Name}`}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setIsUsed(true)}
    >
      <IconDots size={16} aria-hidden />
    </ActionIcon>
  )
}

function UsedMenu({ node, onDeleted }: NodeMenuProps) {
  const [isOpen, setIsOpen] = useState(true)
  const [isRerunOpen, setIsRerunOpen] = useState(false)
  // Here, since the entries are gone while what they started goes on.
  const actions = useNodeActions(node, onDeleted)
  return (
    <>
      <Menu opened={isOpen} onChange={setIsOpen} position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${node.Name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Items node={node} actions={actions} onRerun={() => setIsRerunOpen(true)} />
        </Menu.Dropdown>
      </Menu>
      <RerunLostDialog node={node} isOpen={isRerunOpen} onClose={() => setIsRerunOpen(false)} />
    </>
  )
}

interface ItemsProps {
  node: NodeMenuProps['node']
  actions: ReturnType<typeof useNodeActions>
  onRerun: () => void
}

function Items({ node, actions, onRerun }: ItemsProps) {
  return (
    <>
      {node.PingUrl !== null && (
        <Menu.Item
          leftSection={<IconExternalLink size={SIZE} aria-hidden />}
          component="a"
          href={node.PingUrl}
          target="_blank"
          rel="noreferrer"
        >
          Open ping URL
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconCopy size={SIZE} aria-hidden />} onClick={() => void copyId(node.Id)}>
        Copy id
      </Menu.Item>
      <AllowedMenuItem permission="TaskView" leftSection={<IconRefresh size={SIZE} aria-hidden />} onClick={onRerun}>
        Re-run what it lost…
      </AllowedMenuItem>
      <Menu.Divider />
      {node.IsLeader && (
        <AllowedMenuItem
          permission="ServerNodeEdit"
          leftSection={<IconStairsDown size={SIZE} aria-hidden />}
          onClick={() => void actions.stepDown()}
        >
          Step down…
        </AllowedMenuItem>
      )}
      <AllowedMenuItem
        permission="ServerNodeDelete"
        because={whyNoRetire(node)}
        leftSection={<IconPlayerEject size={SIZE} aria-hidden />}
        onClick={() => void actions.retire()}
      >
        Retire…
      </AllowedMenuItem>
      <AllowedMenuItem
        permission="ServerNodeDelete"
        because={whyNoDeath(node)}
        leftSection={<IconSkull size={SIZE} aria-hidden />}
        onClick={() => void actions.declareDead()}
      >
        Declare dead…
      </AllowedMenuItem>
      <AllowedMenuItem
        permission="ServerNodeDelete"
        because={whyNoDelete(node)}
        leftSection={<IconTrash size={SIZE} aria-hidden />}
        onClick={() => void actions.remove()}
      >
        Delete…
      </AllowedMenuItem>
    </>
  )
}

async function copyId(id: string): Promise<void> {
  if (await copyText(id)) toastDone(`${id} is copied.`)
  else toastFailed('The browser did not allow copying.')
}
