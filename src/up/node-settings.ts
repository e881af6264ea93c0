/** What the nodes of one local cluster have in common. */
export interface ClusterSettings {
  databaseUrl: string
  sharedDir: string
  masterKey: string
  adminPassword: string
}

/** The names and ports of the nodes: `node-a`, `node-b`, ... on the ports after the front door's. */
export function planNodes(count: number, frontDoorPort: number): { name: string; port: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `node-${String.fromCharCode(97 + index)}`,
    port: frontDoorPort + 1 + index,
  }))
}

/** Settings of clients and of our own tests, which are none of the server's. */
const NOT_FOR_NODES = /^TAKO_(URL|API_KEY|NODE_URL|TEST_.*|STOP_ON_STDIN_END)$/

/**
 * The settings of one node. Those the operator gave to `tako up` in its environment (a lease, a drain status, ...) reach
 * every node, but never what makes it this node of this cluster.
 */
export function nodeSettings(
  node: { name: string; port: number },
  cluster: ClusterSettings,
  given: NodeJS.ProcessEnv,
): Record<string, string> {
  const inherited = Object.entries(given).flatMap(([name, value]) =>
    name.startsWith('TAKO_') && value !== undefined && !NOT_FOR_NODES.test(name) ? [[name, value] as const] : [],
  )
  return {
    TAKO_LAME_DUCK: '0',
    TAKO_ADMIN_USERNAME: 'admin',
    ...Object.fromEntries(inherited),
    TAKO_NAME: node.name,
    TAKO_LISTEN: `127.0.0.1:${node.port}`,
    TAKO_DATABASE_URL: cluster.databaseUrl,
    TAKO_SHARED_DIR: cluster.sharedDir,
    TAKO_MASTER_KEY: cluster.masterKey,
    TAKO_ADMIN_PASSWORD: cluster.adminPassword,
  }
}

/** True when a shell takes the text as one word that means itself. */
function isPlainWord(text: string): boolean {
  return /^[\w./:@%+=,-]+$/.test(text)
}

/** Settings as a file of `NAME=value` lines, quoted for a shell only where they must be. */
export function renderEnvFile(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name}=${isPlainWord(value) ? value : `'${value.replaceAll("'", "'\\''")}'`}`,
  )
  return `${lines.join('\n')}\n`
}

/** The command that starts a node by hand from its file of settings. */
export function comebackCommand(envFile: string, settings: Record<string, string>): string {
  if (isPlainWord(envFile) && Object.values(settings).every(isPlainWord)) return `env $(cat ${envFile}) npx tako server`
  const quoted = `'${envFile.replaceAll("'", "'\\''")}'`
  return `(set -a; . ${quoted}; npx tako server)`
}
