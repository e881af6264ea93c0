import type { Node } from '../../api/wire.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { fitnessFacts } from './fitness-facts.ts'
import classes from './fitness-panel.module.css'

/** What a node's machine last said of itself, each warning beside its measure. */
export function FitnessPanel({ node }: { node: Node }) {
  return (
    <Panel title="Machine fitness">
      {node.Fitness === null ? (
        <p className={classes.note}>It has not said anything yet.</p>
      ) : (
        <Measures fitness={node.Fitness} isOld={node.IsOffline} />
      )}
    </Panel>
  )
}

function Measures({ fitness, isOld }: { fitness: NonNullable<Node['Fitness']>; isOld: boolean }) {
  const { facts, others } = fitnessFacts(fitness)
  const isWell = fitness.Warnings.length === 0
  return (
    <>
      {isOld ? (
        <p className={classes.note}>As it was before the node went offline.</p>
      ) : (
        <p className={classes.verdict}>
          {isWell ? (
            <StateBadge state="On" word="All well" isPlain />
          ) : (
            <StateBadge state="Warning" word="Something is off" isPlain />
          )}
        </p>
      )}
      <Facts>
        {facts.map(({ name, value, warnings }) => (
          <Fact key={name} name={name}>
            {value}
            <Warnings sentences={warnings} />
          </Fact>
        ))}
      </Facts>
      <Warnings sentences={others} />
    </>
  )
}

function Warnings({ sentences }: { sentences: readonly string[] }) {
  return sentences.map((sentence) => (
    <div key={sentence} className={classes.warning}>
      <StateBadge state="Warning" isPlain />
      <span>{sentence}</span>
    </div>
  ))
}
