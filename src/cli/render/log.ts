import chalk from 'chalk'
import { momentText } from '../../core/clock.js'
import { formatDuration } from '../../core/duration.js'
import type { PaperCall } from '../../db/usage/calls-of-paper.js'
import type { LoggedState, PaperLog } from '../../pipeline/overview/paper-log.js'
import { nextStep } from '../../pipeline/failures/next-steps.js'
import { renderTable } from '../layout/table.js'

/** Returns what a person reads of a paper's story: how it stands, then everything in the order of time. */
export function renderLog(log: PaperLog): string {
  const { totals, held } = log
  const events = [
    { at: log.created_at, what: 'seeded' },
    ...log.transitions.map(stateLine),
    ...log.requests.map(requestLine),
    ...failureLine(log),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  return [
    `${chalk.bold(log.arxiv_id)}  ${log.title}`,
    [
      log.status,
      `${log.pipeline} pipeline`,
      ...(log.attempts > 0 ? [`${log.attempts} ${log.attempts === 1 ? 'try' : 'tries'} failed`] : []),
      ...(log.not_before === null ? [] : [`taken again from ${momentText(log.not_before)}`]),
      ...(held === null ? [] : [`held by ${held.owner_id} until ${momentText(held.until)}`]),
    ].join(', '),
    `${totals.requests} requests${totals.failed > 0 ? `, ${totals.failed} of no use` : ''}; ${totals.prompt_tokens} tokens asked, ${totals.completion_tokens} answered; $${totals.cost_usd.toFixed(4)}; models at work for ${formatDuration(totals.model_ms)}`,
    ...stepLine(log),
    ...(log.report === null ? [] : [`report: ${log.report}`]),
    renderTable(
      [{ head: 'TIME (UTC)' }, { head: 'WHAT' }],
      events.map(({ at, what }) => [at.slice(0, 19).replace('T', ' '), what]),
    ),
  ].join('\n')
}

function stepLine({ status, failure, arxiv_id: id }: PaperLog): string[] {
  if (status !== 'failed') return []
  return [`what to do: ${nextStep(failure?.error_class ?? 'unknown', id, `rpa retry ${id}`)}`]
}

interface Event {
  at: string
  what: string
}

function failureLine({ failure, updated_at: at }: PaperLog): Event[] {
  if (failure === null) return []
  const { error_class: name, message } = failure
  return [{ at, what: chalk.red(`${name ?? 'failed'}: ${message ?? 'no reason noted'}`) }]
}

function stateLine({ machine, state, at, left_at }: LoggedState): Event {
  const took = left_at === null ? '' : `  ${formatDuration(Date.parse(left_at) - Date.parse(at))}`
  return { at, what: `${machine}: ${state}${took}` }
}

function requestLine(call: PaperCall): Event {
  const { role, model, outcome, status_code, error_class, latency_ms, counted } = call
  const asked = `${call.phase ?? ''}: ${call.state ?? ''} asks ${model} (${role})`
  if (outcome === 'in_flight') {
    return { at: call.started_at, what: `${asked}: ${call.sent_at === null ? 'booked' : 'not answered yet'}` }
  }
  const took = latency_ms === null ? [] : [formatDuration(latency_ms)]
  const result =
    outcome === 'ok'
      ? ['answered', ...took, `${call.prompt_tokens ?? '?'} + ${call.completion_tokens ?? '?'} tokens`]
      : [
          chalk.yellow(error_class ?? outcome),
          ...(status_code === null ? [] : [`status ${status_code}`]),
          ...took,
          ...(counted === 1 ? [] : ['not counted']),
        ]
  return { at: call.sent_at ?? call.started_at, what: `${asked}: ${result.join(', ')}` }
}
