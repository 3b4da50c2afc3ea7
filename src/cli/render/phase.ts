import chalk from 'chalk'
import { momentText } from '../../core/clock.js'
import { formatDuration } from '../../core/duration.js'
import { waitWords } from '../../pipeline/failures/wait-words.js'
import type { PhaseResult } from '../../pipeline/result.js'
import type { ProgressState } from './progress.js'
import { renderTable } from '../layout/table.js'
import { counted } from '../layout/counted.js'

const STOPPED = {
  budget: 'Stopped: the requests of this day are spent.',
  circuit: 'Stopped: the circuit of a model, or of its provider, is open for now.',
  time: 'Stopped: --max-time is reached.',
  signal: 'Stopped on request.',
} as const

const SHOWN = 50

/** Returns how a phase is getting on. */
export function phaseProgress(
  doing: string,
  soFar: Pick<PhaseResult, 'succeeded' | 'failed' | 'released'> | null,
  total: number | null,
): ProgressState {
  const { succeeded, failed, released } = soFar ?? { succeeded: 0, failed: 0, released: 0 }
  const done = succeeded + failed + released
  const more = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(released > 0 ? [`${released} put back`] : []),
  ]
  return { doing, done, total: total === null ? null : Math.max(done, total), unit: 'papers', more }
}

/** Returns what a person reads after a phase. */
export function renderPhase(result: PhaseResult, dryRun: boolean): string {
  if (dryRun) return renderDryRun(result)
  const counts = [chalk.green(`${result.succeeded} done`), ...countsBesideDone(result)]
  return [
    `${chalk.bold(result.phase)}: ${result.claimed === 0 ? nothing(result) : counts.join(', ')}`,
    ...details(result),
  ].join('\n')
}

/** Returns the counts of a result that are worth a word, but for that of papers that are done. */
export function countsBesideDone(result: PhaseResult): string[] {
  const { cheap, expensive } = result.requests
  return [
    result.failed > 0 ? chalk.red(`${result.failed} failed`) : null,
    result.released > 0 ? chalk.yellow(`${result.released} put back`) : null,
    result.resumed > 0 ? `${result.resumed} continued` : null,
    `${cheap + expensive} requests`,
    formatDuration(result.duration_ms),
  ].filter((part) => part !== null)
}

/** Returns what became of single papers, and why it stopped. */
export function details(result: PhaseResult): string[] {
  const lines: string[] = []
  const reports = result.executions.filter((row) => row.report !== undefined)
  if (reports.length > 0) {
    lines.push(
      renderTable(
        [{ head: 'PAPER' }, { head: 'REPORT' }],
        reports.slice(0, SHOWN).map((row) => [row.arxiv_id, row.report ?? '']),
      ),
    )
  }
  const troubled = result.executions.filter((row) => row.error !== undefined)
  if (troubled.length > 0) {
    const columns = [{ head: 'PAPER' }, { head: 'NOW' }, { head: 'CLASS' }, { head: 'WHAT HAPPENED' }]
    lines.push(
      renderTable(
        columns,
        troubled
          .slice(0, SHOWN)
          .map((row) => [row.arxiv_id, row.status, row.error_class ?? '', row.error ?? '']),
      ),
    )
  }
  lines.push(...idleLines(result))
  if (result.stopped === null && result.reason !== undefined)
    lines.push(`Nothing more begun: ${result.reason}.`)
  if (result.stopped !== null) {
    const until =
      result.retry_at === undefined
        ? 'Run the same command again to go on.'
        : `Go on after ${momentText(result.retry_at)}.`
    const why = result.stopped === 'circuit' || result.stopped === 'budget' ? result.reason : undefined
    lines.push(chalk.yellow(`${why === undefined ? STOPPED[result.stopped] : stoppedFor(why)} ${until}`))
  }
  return lines
}

/** Reasons of others may be sentences, and may be none. */
function stoppedFor(why: string): string {
  return `Stopped: ${why}${/[.!?]$/.test(why) ? '' : '.'}`
}

function renderDryRun(result: PhaseResult): string {
  if (result.executions.length === 0)
    return [`${result.phase}: ${nothing(result)}`, ...idleLines(result)].join('\n')
  const rows = result.executions.slice(0, SHOWN).map((row) => [row.arxiv_id, row.status])
  const more = result.executions.length > SHOWN ? `\n… and ${result.executions.length - SHOWN} more` : ''
  return `${result.phase} would take ${counted(result.executions.length, 'paper')}\n${renderTable([{ head: 'PAPER' }, { head: 'NOW' }], rows)}${more}`
}

/** Returns what is said where no paper was taken. */
export function nothing({ stopped, reason, waiting, held }: PhaseResult): string {
  if (stopped !== null || reason !== undefined) return 'nothing begun'
  return waiting === undefined && held === undefined ? 'nothing to do' : 'no paper is free'
}

/** Returns how many papers wait for what until when, who holds others, and what changes it. */
function idleLines({ phase, waiting, held }: PhaseResult): string[] {
  const lines: string[] = []
  if (waiting !== undefined) {
    const { papers, until, classes } = waiting
    const why = classes
      .map((one) => `${one.papers} until ${momentText(one.until)}: ${waitWords(one.error_class)}`)
      .join(', ')
    lines.push(
      `${papers} ${papers === 1 ? 'paper waits' : 'papers wait'}; the first may go on at ${momentText(until)} (${why}); \`rpa ${phase} --now\` takes them at once`,
    )
  }
  for (const { owner_id, owner, papers, until } of held ?? []) {
    const end =
      owner === 'gone'
        ? `a process that is gone; \`rpa ${phase}\` continues them after ${momentText(until)}`
        : `${owner_id} until ${momentText(until)}, unless it goes on`
    lines.push(`${papers} ${papers === 1 ? 'paper is' : 'papers are'} held by ${end}`)
  }
  return lines
}

/** Returns the one line that a mail from cron holds. */
export function failedLine({ phase, failed, executions }: PhaseResult): string {
  const rows = executions.filter(({ status }) => status === 'failed')
  const named = rows.slice(0, 5).map((row) => `${row.arxiv_id} (${row.error_class ?? 'unknown'})`)
  const more = failed > named.length ? `, and ${failed - named.length} more` : ''
  return `${phase}: ${failed} ${failed === 1 ? 'paper' : 'papers'} failed: ${named.join(', ')}${more}; \`rpa status\` shows why, \`rpa retry\` tries again`
}
