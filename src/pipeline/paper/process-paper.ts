import { random } from '../../core/chance.js'
import { parseArxivId } from '../../core/arxiv-id.js'
import { isoTime } from '../../core/clock.js'
import { machineFault } from '../../core/files/disk-error.js'
import { PaperError, RpaError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import { abortableSleep } from '../../core/sleep.js'
import { storeJsonSteps } from '../../db/checkpoints/blobs.js'
import type { Claim } from '../../db/executions/claims.js'
import { requireSoundRow } from '../../db/executions/executions.js'
import { storeReportSteps } from '../../db/executions/reports.js'
import type { ExecutionEnd } from '../../db/leases/finish.js'
import type { Lease } from '../../db/leases/leases.js'
import { finishExecution, finishSteps } from '../../db/leases/finish.js'
import type { Steps } from '../../db/engine/steps.js'
import { inTransaction, perform, transact } from '../../db/engine/steps.js'
import { OwnWork } from '../../db/leases/own-work.js'
import { failuresOf, hasProgressed } from '../../db/leases/attempts.js'
import { CircuitOpenError } from '../../db/calls/circuits.js'
import { BudgetSpentError } from '../../db/calls/day-counts.js'
import { NoTimeLeftError } from '../../db/calls/booking.js'
import type { Status } from '../../db/engine/schema.js'
import { createActions } from '../actions/index.js'
import { DbCheckpointBackend } from './checkpoint-backend.js'
import { runMachine } from '../../machines/machine.js'
import type { MachineResult } from '../../machines/types.js'
import type { AgentRunnerFactory } from '../requests/ask-agent.js'
import { ModelError } from '../../llm/errors.js'
import type { Verdict } from '../failures/judge.js'
import { judge } from '../failures/judge.js'
import { FAILURE_RULES, ruleOf } from '../failures/rules.js'
import { keepLease } from './keep-lease.js'
import { beginsAnew, machineInput } from './machine-input.js'
import type { PhaseMachine, PipelineMachine } from '../prepare-phase.js'
import type { Phase } from '../../core/phases.js'
import type { Resources } from '../resources/resources.js'
import type { EndedWork } from '../result.js'
import { tracedPaper } from './traced-paper.js'

export interface WorkDone extends EndedWork {
  verdict: Verdict | null
}

/**
 * Works on one claimed execution to its end: runs the phase's machine, stores what it gives, and releases the lease.
 * Never throws for what concerns the paper alone.
 *
 * @param stopWork ends the work at the next transition; requests in flight are answered and kept.
 */
export function work(
  resources: Resources,
  prepared: PhaseMachine,
  agents: AgentRunnerFactory,
  claim: Claim,
  stopWork: AbortSignal,
): Promise<WorkDone> {
  return tracedPaper(prepared.phase.name, claim, () => workOn(resources, prepared, agents, claim, stopWork))
}

async function workOn(
  resources: Resources,
  prepared: PhaseMachine,
  agents: AgentRunnerFactory,
  claim: Claim,
  stopWork: AbortSignal,
): Promise<WorkDone> {
  const { clock } = resources
  const { phase } = prepared
  const { execution_id, arxiv_id } = claim.execution
  const log = resources.log.about(arxiv_id)
  const started = clock.now()
  const heartbeat = keepLease(resources, claim.lease)
  const result = { arxiv_id, execution_id }
  try {
    await requireSoundRow(resources.db, claim.execution)
    const own = await prepared.machineFor(claim.execution.pipeline)
    const run = await runPhaseMachine(resources, phase, own, agents, claim, {
      stopWork,
      leaseLost: heartbeat.leaseLost,
    })
    const { report, ...output } = run.output
    const path = typeof output['report_path'] === 'string' ? output['report_path'] : null
    const written = path === null ? null : { path, markdown: typeof report === 'string' ? report : null }
    await succeed(resources, phase, own, claim.lease, output, written, clock.now() - started)
    return {
      outcome: 'succeeded',
      resumed: claim.interrupted || run.resumed,
      verdict: null,
      result: {
        ...result,
        status: phase.to,
        ...(path === null ? {} : { report: path }),
        duration_ms: clock.now() - started,
      },
    }
  } catch (error) {
    const cause: unknown = heartbeat.leaseLost.aborted ? heartbeat.leaseLost.reason : error
    log.debug(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
    const verdict = await putBack(resources, prepared, claim, started, cause)
    return {
      outcome: verdict.paper === 'fail' ? 'failed' : 'released',
      resumed: claim.interrupted,
      verdict,
      result: {
        ...result,
        status: statusAfter(verdict, phase),
        error_class: verdict.errorClass,
        error: verdict.message,
        duration_ms: clock.now() - started,
      },
    }
  } finally {
    heartbeat.end()
  }
}

/** A paper that was taken over is in work, as far as this process knows. */
function statusAfter(verdict: Verdict, phase: Phase): Status {
  if (verdict.paper === 'abandon') return phase.busy
  return verdict.paper === 'fail' ? 'failed' : phase.from
}

async function runPhaseMachine(
  resources: Resources,
  phase: Phase,
  { machine, profiles, version, configHash }: PipelineMachine,
  agents: AgentRunnerFactory,
  { execution, lease }: Claim,
  { stopWork, leaseLost }: { stopWork: AbortSignal; leaseLost: AbortSignal },
): Promise<MachineResult> {
  const { db, clock, settings } = resources
  const log = resources.log.about(execution.arxiv_id)
  parseArxivId(execution.arxiv_id)
  if (execution.attempts > settings.maxAttempts) {
    throw new PaperError(
      'too_many_attempts',
      `The paper was tried ${settings.maxAttempts} times without success.`,
      {
        hint: 'Whatever it does to the process, it does it again: look at it before you raise RPA_MAX_ATTEMPTS.',
      },
    )
  }
  const backend = new DbCheckpointBackend(db, lease, clock, configHash, log)
  const latest = await backend.load(`${execution.execution_id}/latest`)
  const run = await runMachine(machine, {
    executionId: execution.execution_id,
    input: await machineInput(db, execution, { phase, version }, latest, clock.now()),
    fresh: beginsAnew(latest, machine.name, phase.name, execution.pipeline),
    services: {
      backend,
      runAgent: agents({ log, lease, phase: phase.name, leaseLost }, profiles),
      actions: createActions(resources, new OwnWork(db, lease)),
      clock,
      sleep: abortableSleep,
      random,
      warn: (message) => log.warn(message),
      signal: AbortSignal.any([stopWork, leaseLost]),
      mustStop: endsRun,
    },
  })
  refuseFailedOutput(run.output)
  return run
}

/** Returns whether nothing is wrong with the paper: the same state is entered again by a later run. */
export function endsRun(error: unknown): boolean {
  if (error instanceof BudgetSpentError || error instanceof CircuitOpenError) return true
  if (error instanceof NoTimeLeftError) return true
  if (machineFault(error) !== null) return true
  // What is wrong with the disk or the DB is not wrong with one state.
  if (error instanceof RpaError && !(error instanceof ModelError) && ruleOf(error).exit !== null) return true
  return error instanceof ModelError && FAILURE_RULES[error.errorClass].paper === 'release'
}

/** A final state with `error` in its output is the machine's way to say: ended, but not well. */
function refuseFailedOutput(output: JsonObject): void {
  const { error, error_class: errorClass } = output
  if (error === null || error === undefined) return
  const message = typeof error === 'string' ? error : JSON.stringify(error)
  throw new RpaError(typeof errorClass === 'string' ? errorClass : 'machine_failed', message)
}

async function succeed(
  resources: Resources,
  phase: Phase,
  { pipeline, version }: PipelineMachine,
  lease: Lease,
  output: JsonObject,
  report: { path: string; markdown: string | null } | null,
  durationMs: number,
): Promise<void> {
  const stored = { ...output, work: { version, pipeline, duration_ms: durationMs } }
  await transact(resources.db, function* (): Steps<void> {
    const outcome: ExecutionEnd = {
      status: phase.to,
      ...(phase.output === null ? {} : { [phase.output]: yield* storeJsonSteps(stored) }),
      ...(report === null ? {} : { result_path: report.path }),
      ...(report?.markdown == null ? {} : { report: yield* storeReportSteps(report.markdown) }),
      error: null,
      error_class: null,
      not_before: null,
      attempts: 'reset',
    }
    yield* finishSteps(lease, outcome, resources.clock.now())
  })
}

async function putBack(
  resources: Resources,
  { phase, limits }: PhaseMachine,
  { lease, execution }: Claim,
  startedMs: number,
  error: unknown,
): Promise<Verdict> {
  const now = resources.clock.now()
  const { maxAttempts } = resources.settings
  const tried = { attempt: execution.attempts, maxAttempts }
  const circumstances = { now, limits, ...tried, failures: 1, random }
  const since = isoTime(startedMs)
  try {
    // A try that got further than the one before does not count, so it cannot be the last.
    const progressed = await perform(resources.db, hasProgressed(execution.execution_id, since))
    const failures = await failuresOf(resources.db, execution.execution_id, now)
    const attempt = progressed ? 1 : execution.attempts
    const verdict = judge(error, { ...circumstances, attempt, failures })
    if (verdict.paper === 'abandon') return verdict
    const failed = verdict.paper === 'fail'
    await inTransaction(resources.db, (trx) =>
      finishExecution(
        trx,
        lease,
        {
          status: failed ? 'failed' : phase.from,
          error: verdict.message,
          error_class: verdict.errorClass,
          not_before: failed || verdict.notBefore === null ? null : isoTime(verdict.notBefore),
          interrupted_at: failed ? null : isoTime(now),
          attempts: failed ? 'keep' : verdict.refund ? 'refund' : progressed ? 'reset' : 'keep',
        },
        resources.clock.now(),
      ),
    )
    return verdict
  } catch (failure) {
    return judge(failure, circumstances)
  }
}
