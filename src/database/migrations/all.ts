import { migration001 } from './001-cluster.ts'

export interface Migration {
  number: number
  statements: string
}

/** Every migration in order. Forward only: a published one is never edited; each must be safe while older nodes run. */
export const migrations: readonly Migration[] = [{ number: 1, statements: migration001 }]

/** The schema this code is written for. */
export const schemaNumber = Math.max(...migrations.map((migration) => migration.number))
