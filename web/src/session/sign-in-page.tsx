import { Paper, Title } from '@mantine/core'
import type { User } from '../api/wire.ts'
import { TakoMark } from '../parts/tako-mark.tsx'
import { SignInForm } from './sign-in-form.tsx'
import classes from './sign-in-page.module.css'

/** The whole page, while nobody is signed in. The address stays, so that it opens afterwards. */
export function SignInPage({ onDone }: { onDone(user: User): void | Promise<void> }) {
  return (
    <main className={classes.page}>
      <title>Sign in · Tako</title>
      <Paper withBorder shadow="sm" p="xl" className={classes.card}>
        <div className={classes.head}>
          <TakoMark size={36} />
          <Title order={1}>Sign in to Tako</Title>
        </div>
        <SignInForm onDone={onDone} />
      </Paper>
    </main>
  )
}
