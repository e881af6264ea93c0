import type { Cli } from './cli.ts'
import { localTimeAndAgo } from './time-ago.ts'
import type { LeadershipResource } from './wire.ts'

/** Shows who leads: the API's answer with `--json`, else a sentence. */
export function showLeader({ screen, api, json }: Cli, leadership: LeadershipResource): void {
  if (json) screen.json(leadership)
  else screen.text([leaderLine(leadership, api.nowMs())])
}

/** `node-a leads since ... in term 7.` */
function leaderLine({ NodeName: name, Since: since, Term: term }: LeadershipResource, nowMs: number): string {
  return name
    ? `${name} leads since ${localTimeAndAgo(since, nowMs)} in term ${term}.`
    : `No node leads; the last term was ${term}.`
}
