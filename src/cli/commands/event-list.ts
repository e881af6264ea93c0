import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { localTime } from '../time-ago.ts'
import { wholeNumberOption } from '../whole-number-option.ts'
import type { EventResource, Page } from '../wire.ts'

const COLUMNS = [
  { title: 'WHEN' },
  { title: 'WHO', shrinkTo: 8 },
  { title: 'CATEGORY', shrinkTo: 10 },
  { title: 'WHAT', shrinkTo: 20, wraps: true },
] as const

interface ListOptions {
  readonly take: number
  readonly category?: string
  readonly related?: string
}

export function declare(command: Command, cli: Cli): void {
  command
    .option('--take <number>', 'how many at most', wholeNumberOption, 30)
    .option('--category <names>', 'only these categories, joined by commas, such as NodeLost')
    .option('--related <id>', 'only events about this, such as ServerTasks-12 or OctopusServerNodes-node-a')
    .action(async ({ take, category, related }: ListOptions) => {
      const query = { take, eventCategories: category, regarding: related }
      const page = await cli.api.get<Page<EventResource>>('/api/events', { query })
      if (cli.json) return cli.screen.json(page)
      if (page.Items.length === 0) return cli.screen.line('No events.')
      cli.screen.table(
        COLUMNS,
        page.Items.map((event) => [localTime(event.Occurred), event.Username, event.Category, event.Message]),
      )
    })
}
