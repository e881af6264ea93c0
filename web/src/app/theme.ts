import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  Menu,
  Modal,
  Notification,
  Paper,
  Popover,
  Tooltip,
} from '@mantine/core'
import classes from './theme.module.css'

/** Where menus and tooltips are drawn: within the page's landmarks (app/shell.tsx), so that screen readers find them. */
const OVERLAYS = { target: '#overlays' }
const CLOSE = { 'aria-label': 'Close' }

/** Colours dark enough in the light scheme, and light enough in the dark one, to be read as text. */
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 7 },
  colors: {
    ink: ['#eef3fb', '#dbe4f3', '#b7c9e8', '#93b1e0', '#7b9fdb', '#5c88cf', '#3862ab', '#335a9d', '#284a85', '#1c3a6d'],
    red: ['#fdf0f0', '#f9dcdc', '#f3b8b8', '#ee9a9a', '#ec8383', '#dd5858', '#bd2a2a', '#ad2424', '#911d1d', '#741616'],
    dark: [
      '#d7dbe0',
      '#b8bdc4',
      '#9197a0',
      '#6b727b',
      '#3b4047',
      '#30343a',
      '#24282e',
      '#1e2126',
      '#17191d',
      '#101215',
    ],
    gray: [
      '#f8f9fa',
      '#f1f3f5',
      '#e9ecef',
      '#dee2e6',
      '#ced4da',
      '#8c949c',
      '#596169',
      '#495057',
      '#343a40',
      '#212529',
    ],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' } } },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ classNames: { loader: classes.buttonLoader } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: CLOSE } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        closeButtonProps: CLOSE,
        transitionProps: { duration: 120 },
        attributes: { header: { role: 'none' } },
      },
      classNames: { title: classes.modalTitle, content: classes.surface, header: classes.surface },
    }),
    Menu: Menu.extend({
      defaultProps: { portalProps: OVERLAYS, withInitialFocusPlaceholder: false },
      classNames: { dropdown: classes.surface },
    }),
    Paper: Paper.extend({ classNames: { root: classes.paper } }),
    Popover: Popover.extend({
      classNames: { dropdown: classes.surface },
      defaultProps: { shadow: 'md', portalProps: OVERLAYS, trapFocus: true, returnFocus: true },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        portalProps: OVERLAYS,
        multiline: true,
        maw: 320,
        openDelay: 200,
        events: { hover: true, focus: true, touch: true },
      },
    }),
  },
})

/** The variables of Mantine that its own defaults leave too pale to be read. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596169',
    '--mantine-color-placeholder': '#6f7780',
    '--mantine-color-error': '#bd2a2a',
  },
  dark: {
    '--mantine-color-dimmed': '#a9adb3',
    '--mantine-color-placeholder': '#9297a0',
    '--mantine-color-error': '#f39a9a',
    '--mantine-color-body': '#17191d',
    '--mantine-color-anchor': '#9fbbec',
    '--mantine-color-default': '#22252a',
    '--mantine-color-default-border': '#3b4047',
  },
})
