import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from '@codemirror/language'
import { powerShell } from '@codemirror/legacy-modes/mode/powershell'
import { python } from '@codemirror/legacy-modes/mode/python'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { styleNonce } from '../../parts/style-nonce.ts'
import type { Syntax } from './draft.ts'
import classes from './script-editor.module.css'

const LANGUAGES: Readonly<Record<Syntax, ReturnType<typeof StreamLanguage.define>>> = {
  Bash: StreamLanguage.define(shell),
  Python: StreamLanguage.define(python),
  PowerShell: StreamLanguage.define(powerShell),
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: 'var(--tako-blue)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--tako-green)' },
  { tag: [tags.number, tags.bool, tags.atom], color: 'var(--tako-amber)' },
  { tag: tags.comment, color: 'var(--tako-grey)', fontStyle: 'italic' },
  { tag: [tags.definition(tags.variableName), tags.meta, tags.standard(tags.variableName)], color: 'var(--tako-blue)' },
])

const LOOK = EditorView.theme({
  '&': { fontSize: '0.8125rem', color: 'var(--mantine-color-text)', backgroundColor: 'var(--tako-surface)' },
  '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)', minHeight: '16rem', padding: '0.5rem 0' },
  '.cm-scroller': { maxHeight: '32rem', overflow: 'auto', lineHeight: '1.5' },
  '.cm-gutters': {
    minHeight: '16rem !important',
    backgroundColor: 'var(--tako-ground)',
    color: 'var(--tako-grey)',
    borderRight: '1px solid var(--tako-line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--tako-hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--tako-blue-soft)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--tako-hover) 55%, transparent)' },
})

export interface ScriptEditorProps {
  /** The ids of what names and explains it. */
  labelledBy: string
  describedBy: string
  /** What it begins with. From then on the text is the editor's own; another one needs another editor (`key`). */
  begin: string
  syntax: Syntax
  isInvalid: boolean
  onChange: (value: string) => void
  /** Upon Ctrl+Enter. */
  onSubmit: () => void
}

/** An editor for scripts. Tab indents; Escape and then Tab leaves it. */
export function ScriptEditor(props: ScriptEditorProps) {
  const { labelledBy, describedBy, syntax, isInvalid } = props
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<{ view: EditorView; language: Compartment; marks: Compartment }>(undefined)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    if (!place.current) return
    const { begin, syntax: first, labelledBy: label, describedBy: description } = latest.current
    const language = new Compartment()
    const marks = new Compartment()
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: begin,
        extensions: [
          EditorView.cspNonce.of(styleNonce()),
          keymap.of([{ key: 'Mod-Enter', run: () => submit(latest.current) }, indentWithTab]),
          keymap.of([...historyKeymap, ...defaultKeymap]),
          history(),
          lineNumbers(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of('    '),
          syntaxHighlighting(COLOURS),
          LOOK,
          language.of(LANGUAGES[first]),
          marks.of(marksOf(label, description, false)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    editor.current = { view, language, marks }
    return () => view.destroy()
  }, [])

  useEffect(() => {
    const { view, language, marks } = editor.current ?? {}
    if (language) view?.dispatch({ effects: language.reconfigure(LANGUAGES[syntax]) })
    if (marks) view?.dispatch({ effects: marks.reconfigure(marksOf(labelledBy, describedBy, isInvalid)) })
  }, [syntax, labelledBy, describedBy, isInvalid])

  return <div ref={place} className={classes.editor} data-invalid={isInvalid || undefined} />
}

function submit({ onSubmit }: ScriptEditorProps): true {
  onSubmit()
  return true
}

/** What screen readers are told. Spelling and corrections are for prose. */
function marksOf(labelledBy: string, describedBy: string, isInvalid: boolean) {
  return EditorView.contentAttributes.of({
    'aria-labelledby': labelledBy,
    'aria-describedby': describedBy,
    'aria-invalid': String(isInvalid),
    spellcheck: 'false',
    autocapitalize: 'off',
    autocorrect: 'off',
  })
}
