import { isoTime, utcDay } from '../../core/clock.js'
import { isGone, isRunningHere } from '../../core/owner.js'
import type { Settings } from '../../core/settings.js'
import type { ChangedPaper } from '../../db/executions/changes.js'
import { changedPapers } from '../../db/executions/changes.js'
import { countByStatus, countFailures } from '../../db/executions/executions.js'
import type { Db } from '../../db/engine/prepared.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { countReady } from '../../db/executions/ready.js'
import type { StatusCounts } from '../../core/phases.js'
import { PHASES } from '../../core/phases.js'
import type { IdleWork } from '../schedule/idle.js'
import { idleWork } from '../schedule/idle.js'
import type { CallInFlight } from '../../db/calls/usage.js'
import { callsInFlight } from '../../db/calls/usage.js'
import type { LeasedExecution, OwnerAtWork } from '../../db/executions/working.js'
import { leasedExecutions, ownersAtWork } from '../../db/executions/working.js'
import type { BudgetReport } from './budget-report.js'
import { budgetReport } from './budget-report.js'
import type { Wait } from './waits.js'
import { waitsOf } from './waits.js'

export interface WorkingExecution extends LeasedExecution {
  /** `gone`: a process of this host that has ended or is stopped; `unknown`: of another host. Null: no owner. */
  owner: 'running' | 'gone' | 'unknown' | null
}

export interface StatusReport {
  executions: StatusCounts
  total: number
  /** Who works on what now. */
  working: WorkingExecution[]
  /** The processes that do, with their hosts. */
  owners: OwnerAtWork[]
  /** Busy, and nobody holds a live lease, or whoever holds it is gone. */
  stuck: WorkingExecution[]
  in_flight: CallInFlight[]
  /** What each phase could take now, and what it could not: papers that wait, by failure class, and those held, by owner. */
  work: ({ phase: PhaseName; free: number } & IdleWork)[]
  /** Why a phase with papers does nothing now, or soon will not. */
  waits: Wait[]
  failures: { error_class: string; count: number }[]
  /** Papers that changed at arXiv after they were read; the first of them by id. */
  changed: { newer_versions: number; withdrawn: number; papers: ChangedPaper[] }
  budget: Pick<BudgetReport, 'date' | 'limit' | 'used' | 'remaining' | 'reserved' | 'resets_at'>
  minute: BudgetReport['minute']
  circuits: BudgetReport['circuits']
  rate_limits: BudgetReport['rate_limits']
  forecast: BudgetReport['forecast']
  requests_per_paper: number | null
  now: string
}

/** Returns what there is, what runs, what is stuck and why. */
export async function statusReport(db: Db, settings: Settings, now: number): Promise<StatusReport> {
  const executions = await countByStatus(db)
  const report = await budgetReport(db, settings, utcDay(now), now)
  const { date, limit, used, remaining, reserved, resets_at } = report
  const { working, stuck } = await busyExecutions(db, now)
  return {
    executions,
    total: Object.values(executions).reduce((sum, count) => sum + count, 0),
    working,
    owners: ownersAtWork(working),
    stuck,
    in_flight: await callsInFlight(db),
    work: await workOf(db, now),
    waits: await waitsOf(db, settings, { executions, budget: report, working }, now),
    failures: await countFailures(db),
    changed: await changedOf(db),
    budget: { date, limit, used, remaining, reserved, resets_at },
    minute: report.minute,
    circuits: report.circuits,
    rate_limits: report.rate_limits,
    forecast: report.forecast,
    requests_per_paper: report.requests_per_paper,
    now: isoTime(now),
  }
}

const SHOWN_CHANGES = 20

async function changedOf(db: Db): Promise<StatusReport['changed']> {
  const papers = await changedPapers(db)
  return {
    newer_versions: papers.filter(({ newer_version }) => newer_version !== null).length,
    withdrawn: papers.filter(({ withdrawn_at }) => withdrawn_at !== null).length,
    papers: papers.slice(0, SHOWN_CHANGES),
  }
}

/** Returns the busy papers: those that somebody works on, and those that nobody does any more. */
export async function busyExecutions(db: Db, now: number): Promise<Pick<StatusReport, 'working' | 'stuck'>> {
  const busy = (await leasedExecutions(db, now)).map((row) => ({ ...row, owner: ownerState(row.owner_id) }))
  const works = (row: WorkingExecution): boolean => row.live && row.owner !== 'gone'
  return { working: busy.filter(works), stuck: busy.filter((row) => !works(row)) }
}

async function workOf(db: Db, now: number): Promise<StatusReport['work']> {
  const work: StatusReport['work'] = []
  for (const phase of Object.values(PHASES)) {
    const free = await countReady(db, phase, now)
    work.push({ phase: phase.name, free, ...(await idleWork(db, [phase], now)) })
  }
  return work
}

function ownerState(ownerId: string | null): WorkingExecution['owner'] {
  if (ownerId === null) return null
  if (isRunningHere(ownerId)) return 'running'
  return isGone(ownerId) ? 'gone' : 'unknown'
}
