import { sql } from 'kysely'
import type { PipelineName } from '../../core/phases.js'
import { PHASE_NAMES, PIPELINE_NAMES } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import type { PhaseName } from '../engine/schema.js'

/** What papers cost, measured over the newest finished ones. */
export interface PaperCost {
  /** Counted requests per finished paper. */
  requests: number
  /** The same of each phase, over the papers that were in it here; a phase without any is left out. */
  byPhase: Partial<Record<PhaseName, number>>
  /** Finished papers that were measured. */
  papers: number
}

/** What papers cost, together and by the pipeline they went through; a pipeline without a finished paper is left out. */
export interface PaperCosts {
  all: PaperCost | null
  byPipeline: Partial<Record<PipelineName, PaperCost>>
}

/** Enough for a steady mean, and as fast with 250,000 rows as with 5,000. */
const NEWEST_CALLS = 5000

/**
 * Returns what the newest finished papers cost, all their requests counted. Papers whose
 * requests an earlier tool sent are not among them: nothing is known of those.
 */
export async function costPerPaper(db: Db): Promise<PaperCosts> {
  const newest = db
    .selectFrom('llm_calls')
    .select('execution_id')
    .orderBy('usage_date', 'desc')
    .limit(sql.lit(NEWEST_CALLS))
    .as('newest')
  const finished = db
    .selectFrom(newest)
    .innerJoin('executions as e', 'e.execution_id', 'newest.execution_id')
    .select(['e.execution_id', 'e.pipeline', 'e.redone_at'])
    .distinct()
    .where('e.status', '=', 'done')
    .as('finished')
  const rows = await db
    .selectFrom(finished)
    .innerJoin('llm_calls as c', 'c.execution_id', 'finished.execution_id')
    // What a paper cost that was done again is what its last time cost.
    .where((eb) =>
      eb.or([eb('finished.redone_at', 'is', null), eb('c.started_at', '>=', eb.ref('finished.redone_at'))]),
    )
    .select((eb) => [
      'c.execution_id',
      'c.phase',
      'finished.pipeline',
      eb.fn.sum<number>('c.counted').as('requests'),
    ])
    .groupBy(['c.execution_id', 'c.phase', 'finished.pipeline'])
    .execute()
  const byPipeline = PIPELINE_NAMES.flatMap((name) => {
    const cost = costOf(rows.filter(({ pipeline }) => pipeline === name))
    return cost === null ? [] : [[name, cost] as const]
  })
  return { all: costOf(rows), byPipeline: Object.fromEntries(byPipeline) }
}

interface Row {
  execution_id: string | null
  phase: string | null
  requests: number
}

function costOf(rows: readonly Row[]): PaperCost | null {
  if (rows.length === 0) return null
  const papers = new Set(rows.map((row) => row.execution_id)).size
  const byPhase = PHASE_NAMES.flatMap((phase) => {
    const ofPhase = rows.filter((row) => row.phase === phase)
    return ofPhase.length === 0 ? [] : [[phase, perPaper(ofPhase, ofPhase.length)] as const]
  })
  return { requests: perPaper(rows, papers), byPhase: Object.fromEntries(byPhase), papers }
}

function perPaper(rows: readonly { requests: number }[], papers: number): number {
  const sum = rows.reduce((total, { requests }) => total + Number(requests), 0)
  return Math.round((sum / papers) * 100) / 100
}
