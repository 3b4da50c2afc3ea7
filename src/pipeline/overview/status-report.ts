import { isoTime, utcDay } from '../../core/clock.js'
import { isGone, isRunningHere } from '../../core/processes/owner.js'
import type { Settings } from '../../core/settings/settings.js'
import type { ChangedPaper } from '../../db/executions/changes.js'
import { currentState } from '../../db/checkpoints/current-states.js'
import { changedPapers } from '../../db/executions/changes.js'
import { countByStatus, countFailures } from '../../db/executions/executions.js'
import type { Db } from '../../db/engine/prepared.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { countReady } from '../../db/executions/ready.js'
import type { StatusCounts } from '../../core/phases.js'
import { PHASES } from '../../core/phases.js'
import type { IdleWork } from '../schedule/idle.js'
import { idleWork } from '../schedule/idle.js'
import type { CallInFlight } from '../../db/usage/in-flight.js'
import { callsInFlight } from '../../db/usage/in-flight.js'
import type { LeasedExecution, OwnerAtWork } from '../../db/executions/working.js'
import { leasedExecutions, ownersAtWork } from '../../db/executions/working.js'
import type { CommandReport } from './commands-report.js'
import { commandsReport } from './commands-report.js'
import type { Throughput } from './throughput.js'
import { throughputOf } from './throughput.js'
import type { BudgetReport } from './budget-report.js'
import { budgetReport } from './budget-report.js'
import type { Wait } from './waits.js'
import { waitsOf } from './waits.js'

export interface WorkingExecution extends LeasedExecution {
  /** State of its machine, `MACHINE/STATE`; null: nobody can tell. */
  state: string | null
  /** What it waits for; null: it is at work on this machine, or on another. */
  waits_for: {
    /** `answer`: a model's, since that moment; `slot`: until that moment, for its request to be sent. */
    what: 'answer' | 'slot'
    model: string
    at: string
  } | null
  /** `gone`: a process of this host that has ended or is stopped; `unknown`: of another host. Null: no owner. */
  owner: 'running' | 'gone' | 'unknown' | null
}

export interface StatusReport {
  executions: StatusCounts
  total: number
  /** Who works on what now. */
  working: WorkingExecution[]
  /** The last run of each command, the newest first. */
  commands: CommandReport[]
  throughput: Throughput
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
  const calls = await callsInFlight(db)
  const { working, stuck } = await busyExecutions(db, now, calls)
  return {
    executions,
    total: Object.values(executions).reduce((sum, count) => sum + count, 0),
    working,
    owners: ownersAtWork(working),
    stuck,
    commands: await commandsReport(db),
    throughput: await throughputOf(db, executions, report.forecast, now),
    in_flight: calls,
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
export async function busyExecutions(
  db: Db,
  now: number,
  calls: readonly CallInFlight[] = [],
): Promise<Pick<StatusReport, 'working' | 'stuck'>> {
  const busy: WorkingExecution[] = []
  for (const [place, row] of (await leasedExecutions(db, now)).entries()) {
    const state = place < MOST_STATES ? await currentState(db, row.execution_id) : null
    busy.push({ ...row, owner: ownerState(row.owner_id), state, waits_for: waitOf(row, calls) })
  }
  const works = (row: WorkingExecution): boolean => row.live && row.owner !== 'gone'
  return { working: busy.filter(works), stuck: busy.filter((row) => !works(row)) }
}

/** No window shows more, and each costs two look-ups. */
const MOST_STATES = 100

function waitOf(
  { execution_id }: LeasedExecution,
  calls: readonly CallInFlight[],
): WorkingExecution['waits_for'] {
  const own = calls.filter((call) => call.execution_id === execution_id)
  // What was sent first is what is waited for; what is booked is, where nothing was sent.
  const call = own.find(({ booked }) => !booked) ?? own[0]
  if (call === undefined) return null
  return { what: call.booked ? 'slot' : 'answer', model: call.model, at: call.started_at }
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
