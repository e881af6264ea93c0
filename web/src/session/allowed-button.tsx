import {
  ActionIcon,
  type ActionIconProps,
  Button,
  type ButtonProps,
  Menu,
  type MenuItemProps,
  Tooltip,
} from '@mantine/core'
import type { ReactNode, Ref } from 'react'
import { type AllowedProps, useWhyNot } from './allowed.ts'

interface Pressable extends AllowedProps {
  onClick?: () => void
  children?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

export interface AllowedButtonProps extends Omit<ButtonProps, 'disabled' | 'children'>, Pressable {
  type?: 'button' | 'submit'
  'aria-expanded'?: boolean
  'aria-haspopup'?: 'dialog' | 'menu'
}

/** A button that stays visible and focusable when it is not allowed, and says why in its tooltip. */
export function AllowedButton({ permission, because, onClick, type = 'button', ...rest }: AllowedButtonProps) {
  const why = useWhyNot({ permission, because })
  return (
    <WhyNot why={why}>
      <Button
        {...rest}
        type={why === undefined ? type : 'button'}
        {...(why === undefined ? { onClick } : { 'aria-disabled': true, 'data-disabled': true })}
      />
    </WhyNot>
  )
}

export interface AllowedIconProps extends Omit<ActionIconProps, 'disabled' | 'children'>, Pressable {
  /** Its name for screen readers, and its tooltip while it is allowed. */
  label: string
}

/** The same as an icon. */
export function AllowedIcon({ permission, because, onClick, label, ...rest }: AllowedIconProps) {
  const why = useWhyNot({ permission, because })
  return (
    <Tooltip label={why ?? label}>
      <ActionIcon
        {...rest}
        aria-label={label}
        {...(why === undefined ? { onClick } : { 'aria-disabled': true, 'data-disabled': true })}
      />
    </Tooltip>
  )
}

export interface AllowedMenuItemProps extends Omit<MenuItemProps, 'disabled' | 'children'>, AllowedProps {
  onClick?: () => void
  children: ReactNode
}

/** The same as an entry of a `Menu`; a forbidden one shows why below its words and keeps the menu open. */
export function AllowedMenuItem({ permission, because, onClick, children, ...rest }: AllowedMenuItemProps) {
  const why = useWhyNot({ permission, because })
  if (why === undefined) {
    return (
      <Menu.Item {...rest} onClick={onClick}>
        {children}
      </Menu.Item>
    )
  }
  return (
    <WhyNot why={why}>
      <Menu.Item {...rest} closeMenuOnClick={false} aria-disabled data-disabled>
        {children}
      </Menu.Item>
    </WhyNot>
  )
}

function WhyNot({ why, children }: { why: string | undefined; children: ReactNode }) {
  return (
    <Tooltip label={why ?? ''} disabled={why === undefined}>
      {children}
    </Tooltip>
  )
}
