const BY_EXTENSION: Readonly<Record<string, string>> = {
  '.py': 'Python',
  '.ps1': 'PowerShell',
  '.sh': 'Bash',
  '.bash': 'Bash',
}

/** The syntax of a script: by its file's extension, else by its first line, else Bash. */
export function syntaxOf(script: string, extension: string): string {
  const known = BY_EXTENSION[extension.toLowerCase()]
  if (known) return known
  const [firstLine = ''] = script.split('\n', 1)
  if (!firstLine.startsWith('#!')) return 'Bash'
  if (/python/.test(firstLine)) return 'Python'
  return /pwsh|powershell/i.test(firstLine) ? 'PowerShell' : 'Bash'
}
