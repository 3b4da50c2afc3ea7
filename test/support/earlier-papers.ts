import { expect } from 'vitest'
import { utcDay } from '../../src/core/clock.js'
import {
  EARLIER_KEY_OUTCOME,
  EARLIER_LIMITS,
  EARLIER_PAPER,
  EARLIER_PLAIN_REPRODUCTION,
  EARLIER_PLAIN_WHY,
  EARLIER_QUESTIONS,
  EARLIER_REPORT,
  EARLIER_REPRODUCTION,
  EARLIER_WHY,
} from './earlier-texts.js'
import type { EarlierRow } from './earlier-tool.js'
import { writeEarlierFile } from './earlier-tool.js'
import type { ModelQuestions } from './model-questions.js'
import type { Workspace } from './workspace.js'
import { KEY, makeWorkspace } from './workspace.js'

export const PENDING = '2301.00001'
export const PREPPING_NO_LEASE = '2301.00002'
export const PREPPING_LIVE = '2301.00003'
export const PREPPED = '2301.00004'
/** Text under its older name, no page marks, longer than models take. */
export const PREPPED_OLDER = '2301.00005'
export const ANALYZING_EXPIRED = '2301.00006'
export const ANALYZING_RECENT = '2301.00007'
export const ANALYZED = '2301.00008'
/** Says analyzed, holds nulls. */
export const NULLS = '2301.00009'
export const WRAPPING_EXPIRED = '2301.00010'
export const DONE = '2301.00011'
export const FAILED_WRAP = '2301.00012'
export const FAILED_ANALYZE = '2301.00013'
export const FAILED_PREP = '2301.00014'
/** Its writers wrote plain words. */
export const PLAIN = '2301.00015'
export const LOST_PREP = '2301.00016'
export const WRAPPING_NULLS = '2301.00017'

export const NOW = Math.floor(Date.now() / 1000)
export const HOURS = 3600

export const PREP = {
  key_outcome: EARLIER_KEY_OUTCOME,
  paper_text: EARLIER_PAPER,
  reference_count: 1,
  corpus_signals: {
    status: 'ok',
    neighbor_query: '"routing" OR "attention"',
    avg_neighbor_fmr: 0.5512,
    avg_neighbor_citations: 12.5,
    max_neighbor_author_h_index: 41,
    summary: 'Found 1 related papers.',
  },
  corpus_neighbors: [
    { paper_id: 7, arxiv_id: '2201.00007', title: 'Sparse Attention, Again', abstract: 'A', fmr_score: 0.5 },
  ],
}
export const OLDER_PREP = {
  key_outcome: EARLIER_KEY_OUTCOME,
  section_text: `${EARLIER_PAPER.replace(/\[PAGE \d+\]\n/g, '')}\n${'Appendix. '.repeat(12_000)}\nTHE VERY END`,
  reference_count: 0,
  corpus_signals: null,
  corpus_neighbors: [],
}
export const ANALYSIS = {
  why_hypotheses: EARLIER_WHY,
  reproduction_notes: EARLIER_REPRODUCTION,
  open_questions: EARLIER_QUESTIONS,
}
export const HALF_ANALYSIS = { ...ANALYSIS, reproduction_notes: null }

export const ROWS: readonly EarlierRow[] = [
  { id: PENDING, status: 'pending', priority: 0.5731 },
  { id: PREPPING_NO_LEASE, status: 'prepping', priority: -1 },
  { id: PREPPING_LIVE, status: 'prepping', lease_until: NOW + 5 * HOURS },
  { id: PREPPED, status: 'prepped', prep: PREP, priority: 0.9 },
  { id: PREPPED_OLDER, status: 'prepped', prep: OLDER_PREP, priority: 0.8 },
  {
    id: ANALYZING_EXPIRED,
    status: 'analyzing',
    prep: PREP,
    lease_until: NOW - 5 * HOURS,
    snapshot: {
      machine: 'expensive-pipeline',
      event: 'state_enter',
      state: 'parallel_expensive_writers',
      context: { why_hypotheses: null, title: 'Routing für Paper' },
    },
  },
  { id: ANALYZING_RECENT, status: 'analyzing', prep: PREP, updated_at: new Date().toISOString() },
  { id: ANALYZED, status: 'analyzed', prep: PREP, analysis: ANALYSIS },
  { id: NULLS, status: 'analyzed', prep: PREP, analysis: HALF_ANALYSIS },
  {
    id: WRAPPING_EXPIRED,
    status: 'wrapping',
    prep: PREP,
    analysis: ANALYSIS,
    lease_until: NOW - 5 * HOURS,
    snapshot: {
      machine: 'wrap-pipeline',
      event: 'state_exit',
      state: 'write_limits_confidence',
      context: { limits_confidence: EARLIER_LIMITS, report_body: null, repair_attempted: false },
    },
  },
  { id: DONE, status: 'done', prep: PREP, analysis: HALF_ANALYSIS, result_path: '/srv/rpa/data/report.md' },
  {
    id: FAILED_WRAP,
    status: 'failed',
    prep: PREP,
    analysis: { ...ANALYSIS, why_hypotheses: EARLIER_PLAIN_WHY },
    error: 'unknown error',
    snapshot: {
      machine: 'wrap-pipeline',
      event: 'machine_end',
      state: 'failed',
      context: {
        limits_confidence: EARLIER_LIMITS,
        report_body: EARLIER_REPORT,
        judge_decision_raw: 'REPAIR',
        judge_decision: 'REPAIR',
        repair_attempted: true,
        last_error: 'unknown error',
      },
    },
  },
  { id: FAILED_ANALYZE, status: 'failed', prep: PREP, error: 'TimeoutError: the model did not answer' },
  { id: FAILED_PREP, status: 'failed', error: 'pdf_404: HTTPStatusError status=404' },
  {
    id: PLAIN,
    status: 'analyzed',
    prep: PREP,
    analysis: {
      ...ANALYSIS,
      why_hypotheses: EARLIER_PLAIN_WHY,
      reproduction_notes: EARLIER_PLAIN_REPRODUCTION,
    },
  },
  { id: LOST_PREP, status: 'prepped' },
  { id: WRAPPING_NULLS, status: 'wrapping', prep: PREP, analysis: '{"why_hypotheses": null' },
]
/** Rows whose status the migration corrects. */
export const CORRECTED: Record<string, string> = {
  [NULLS]: 'prepped',
  [WRAPPING_NULLS]: 'prepped',
  [LOST_PREP]: 'pending',
}

/** Today, whichever day it is when the command runs. */
export const TODAY = [utcDay(Date.now()), utcDay(Date.now() + 24 * HOURS * 1000)]
export const USAGE = { '2026-03-03': [30, 10], [TODAY[0]!]: [12, 5], [TODAY[1]!]: [12, 5] } satisfies Record<
  string,
  [number, number]
>
export const USED = 17
/** Returns a workspace with such a file, whose commands ask the given stand-in. */
export async function earlierWorkspace(
  models: ModelQuestions,
  rows: readonly EarlierRow[],
  older = false,
): Promise<Workspace> {
  const workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  writeEarlierFile(fileOf(workspace), { rows, usage: USAGE, older })
  return workspace
}

/** Returns the rows of these papers. */
export const rowsOf = (...ids: string[]): EarlierRow[] => ROWS.filter(({ id }) => ids.includes(id))

/** Returns the path of the executions DB. */
export function fileOf(workspace: Workspace): string {
  return workspace.in('data', 'executions.sqlite')
}

/** Runs a command with --json, which must succeed; returns what it says. */
export async function run<T = Record<string, unknown>>(workspace: Workspace, ...args: string[]): Promise<T> {
  const end = await workspace.rpa([...args, '--json'])
  expect(end, end.stderr).toMatchObject({ code: 0, stderr: '' })
  return end.json<T>()
}
