import type { WaitingPapers } from '../db/executions/waiting.js'
import { dropWaits } from '../db/executions/waiting.js'
import { isoTime } from '../core/clock.js'
import { ConfigError } from '../core/errors.js'
import type { PipelineName } from '../core/phases.js'
import { BEGUN, forPhases, PHASES } from '../core/phases.js'
import type { Corpus } from '../corpus/open.js'
import { readOutlook, readOutlookOf } from '../db/executions/outlook.js'
import type { PhaseName } from '../db/engine/schema.js'
import { isInWindow, windowOpensAt } from './limits/day-window.js'
import type { PhaseMachine } from './prepare-phase.js'
import { openKeeper, preparePhase } from './prepare-phase.js'
import type { Resources } from './resources/resources.js'
import { emptyResult } from './result.js'
import type { PhaseResult } from './result.js'
import { describe, executionIds } from './run-phase.js'
import type { DayKeeper } from './limits/day-keeper.js'
import { countByStatus, countByStatusOf } from '../db/executions/executions.js'
import { stepsAhead } from './schedule/ahead.js'
import { countAhead } from './schedule/work-ahead.js'
import type { Rest, Standing } from './schedule/phase-rests.js'
import { standingOf } from './schedule/phase-rests.js'
import { RunSource } from './schedule/run-tasks.js'
import type { PhaseCounts } from './schedule/tally.js'
import type { RunnerOptions } from './schedule/worker-pool.js'
import { Runner } from './schedule/worker-pool.js'
import { lackingPdfs } from './lacking-pdfs.js'
import { seed } from './seed.js'

export interface RunOptions extends Omit<RunnerOptions, 'keeper'> {
  /** Most papers in all; undefined: no limit. */
  limit?: number | undefined
  /** Most papers of a phase. */
  caps: Partial<Record<PhaseName, number | undefined>>
  /** arXiv ids or execution ids; empty: whatever is best. */
  ids: readonly string[]
  dryRun: boolean
  /** Papers that wait for their time are taken too. */
  now?: boolean | undefined
  /** Takes what papers further on need of the day's requests. */
  noReserve?: boolean
  /** Goes on for ever: looks for new papers, sleeps through the rest of a day whose requests are spent. */
  daemon: boolean
  prepOnly: boolean
  resumeOnly: boolean
  /** Chooses papers from the corpus first, and more when few are left. */
  seed: boolean
  /** Of those papers; undefined: full. */
  pipeline?: PipelineName | undefined
  pollMs: number
  /** Papers prepped ahead; undefined: twice the workers. */
  lowWater?: number | undefined
  /** Length of the window before the end of the UTC day in which the rest of the requests goes to prep, milliseconds. */
  windowMs: number
  onProgress?(progress: RunProgress): void
}

export interface RunProgress {
  /** Phases of papers that are done, and how many there are in all; null: nobody knows. */
  steps: { done: number; total: number | null }
  phases: Record<PhaseName, PhaseCounts>
  rests: Rest[]
  /** Papers that are waited for, as nothing else can be done. */
  waits: readonly WaitingPapers[]
}

/** What `run` prints with --json: papers count once, in `phases` once in each phase. */
export interface RunResult extends PhaseResult {
  phases: Record<PhaseName, PhaseCounts>
  /** Papers that were chosen from the corpus; only with --seed. */
  seeded?: number
  /** Only of a dry run. */
  plan?: RunPlan
}

/** What would be taken first, and what keeps the rest. */
export interface RunPlan {
  phases: Partial<
    Record<PhaseName, { ready: boolean; rests: { until: string | null; reason: string } | null }>
  >
  /** Papers that wait for the analysis, or are on their way there. */
  buffer: number
  low_water: number
  window_opens_at: string
  in_window: boolean
}

/** Papers chosen from the corpus at a time. */
const SEEDED = 500

/**
 * Works on all phases at once, always on what is best at that moment, until all is done or the day's requests are spent.
 * Phases whose model is away rest, the others go on.
 *
 * @returns what happened; failed papers are in it.
 * @throws RpaError where the command itself cannot go on; the papers in work have been put back then.
 */
export async function runAll(resources: Resources, options: RunOptions): Promise<RunResult> {
  const { daemon, prepOnly, resumeOnly, windowMs, pollMs, caps, limit } = options
  const lowWater = options.lowWater ?? options.workers * 2
  const phases = new Map<PhaseName, PhaseMachine>()
  let seeded = 0
  let isTold = false
  const seedMore = async (): Promise<number> => {
    const corpus = await corpusOf(resources, isTold)
    isTold ||= corpus === null
    if (corpus === null) return 0
    const added = await seedPapers(resources, corpus, options, Math.min(SEEDED, limit ?? SEEDED))
    seeded += added
    if (ahead !== null) ahead += added * phases.size
    return added
  }
  let source: RunSource | null = null
  let ahead: number | null = null
  // Which pipelines are prepared is told by the papers.
  if (options.seed) await seedMore()
  for (const name of BEGUN) {
    if (!prepOnly || name === 'prep') phases.set(name, await preparePhase(resources, PHASES[name]))
  }
  const ids = await executionIds(resources, options.ids)
  const keeps = options.noReserve !== true && ids.length === 0
  const keeper = openKeeper(resources, [...phases.values()], { keeps, windowMs, insists: ids.length > 0 })
  if (options.dryRun) return plan(resources, phases, keeper, { ...options, lowWater, ids }, seeded)
  if (options.now === true) {
    await dropWaits(
      resources.db,
      [...phases.values()].map(({ phase }) => phase.from),
      ids,
    )
  }
  if (!daemon && options.onProgress !== undefined) {
    const counts =
      ids.length > 0 ? await countByStatusOf(resources.db, ids) : await countByStatus(resources.db)
    ahead = stepsAhead(counts, new Set(phases.keys()), limit)
  }
  const tell = (): void => {
    if (source === null) return
    const { counts } = source.tally
    const done = Object.values(counts).reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0)
    const total = ahead === null ? null : Math.max(done, ahead)
    options.onProgress?.({
      steps: { done, total },
      phases: counts,
      rests: source.rests.current(),
      waits: source.waits.current(),
    })
  }
  source = new RunSource(resources, phases, keeper, {
    pollMs,
    daemon,
    lowWater,
    windowMs,
    prepOnly,
    resumeOnly,
    limit,
    caps,
    ids,
    refill: options.seed && limit === undefined && ids.length === 0 ? seedMore : null,
    onChange: tell,
  })
  tell()
  const result = await new Runner(
    resources,
    [...phases.values()],
    source,
    { ...options, keeper },
    'run',
  ).run()
  return { ...result, phases: source.tally.counts, ...(options.seed ? { seeded } : {}) }
}

/** Returns the corpus; null where there is none and papers came from elsewhere: they need nobody to choose them. */
async function corpusOf(resources: Resources, isTold: boolean): Promise<Corpus | null> {
  const { db, log } = resources
  try {
    return await resources.corpus()
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'corpus_missing') throw error
    const known = Object.values(await countByStatus(db)).some((papers) => papers > 0)
    if (!known) throw error
    if (!isTold)
      log.warn(`${error.message} None is chosen from it; the run goes on with the papers there are.`)
    return null
  }
}

async function seedPapers(
  resources: Resources,
  corpus: Corpus,
  { ids, dryRun, pipeline }: Pick<RunOptions, 'ids' | 'dryRun' | 'pipeline'>,
  limit: number,
): Promise<number> {
  const { db, clock, log, settings } = resources
  const filter = { all: false, ...(ids.length > 0 ? { ids: [...ids] } : {}) }
  // Nobody is there to name a paper whose PDF cannot be had.
  const isLacking = lackingPdfs(settings)?.isLacking
  const services = { db, corpus, clock, ...(isLacking === undefined ? {} : { isLacking }) }
  const { seeded } = await seed(services, { limit, filter, priority: null, pipeline, dryRun })
  if (seeded > 0 && !dryRun) log.info(`${seeded} more papers from the corpus`)
  return seeded
}

async function plan(
  resources: Resources,
  prepared: ReadonlyMap<PhaseName, PhaseMachine>,
  keeper: DayKeeper,
  options: Pick<RunOptions, 'limit' | 'resumeOnly' | 'windowMs' | 'seed' | 'caps'> & {
    lowWater: number
    ids: string[]
  },
  seeded: number,
): Promise<RunResult> {
  const { db, clock } = resources
  const { ids, resumeOnly, lowWater, windowMs, limit, caps } = options
  const now = clock.now()
  const outlook = ids.length > 0 ? await readOutlookOf(db, ids, now) : await readOutlook(db, now)
  const found = await keeper.availabilities([...prepared.keys()])
  const result = emptyResult('run')
  const counts: RunResult['phases'] = forPhases(nothing)
  const phases: RunPlan['phases'] = {}
  for (const [name, { phase }] of prepared) {
    phases[name] = {
      ready: outlook.work[name].ready,
      rests: restOf(standingOf(found.get(name) ?? { state: 'open' })),
    }
    const cap = caps[name] ?? Infinity
    const room = Math.min((limit ?? Infinity) - result.executions.length, cap)
    if (room < 1 || phases[name].rests !== null) continue
    const most = Number.isFinite(room) ? room : undefined
    const listed = await describe(resources, [phase], ids, { limit: most }, 'run', resumeOnly)
    result.executions.push(...listed.executions)
  }
  return {
    ...result,
    phases: counts,
    ...(options.seed ? { seeded } : {}),
    plan: {
      phases,
      buffer: countAhead(outlook),
      low_water: lowWater,
      window_opens_at: isoTime(windowOpensAt(now, windowMs)),
      in_window: isInWindow(now, windowMs),
    },
  }
}

function restOf(standing: Standing): { until: string | null; reason: string } | null {
  if (standing.state !== 'closed') return null
  const { retryAt, message } = standing.stop
  return { until: retryAt === null ? null : isoTime(retryAt), reason: message ?? '' }
}

function nothing(): PhaseCounts {
  return { claimed: 0, succeeded: 0, failed: 0, released: 0 }
}
