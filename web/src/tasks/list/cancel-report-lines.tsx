import { Button } from '@mantine/core'
import type { CancelReport } from './cancel-report.ts'
import classes from './cancel-report-lines.module.css'

/** What became of tasks that were to be cancelled, when that was not all the same. */
export function CancelReportLines({ report, onDismiss }: { report: CancelReport; onDismiss: () => void }) {
  return (
    <div className={classes.report}>
      <div>
        <strong>{report.sentence}</strong>
        <ul className={classes.lines}>
          {report.exceptions.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <Button size="compact-sm" variant="default" onClick={onDismiss}>
        Dismiss
      </Button>
    </div>
  )
}
