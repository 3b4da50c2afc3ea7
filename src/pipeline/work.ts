import { parseArxivId } from '../core/arxiv-id.js'
import { isoTime } from '../core/clock.js'
import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { RpaError } from '../core/errors.js'
import { loadJson, storeJson } from '../db/blobs.js'
import type { Claim, Lease, Outcome } from '../db/leases.js'
import { fence, finishExecution } from '../db/leases.js'
import type { Status } from '../db/schema.js'
import type { ExecutionResult } from './result.js'
import type { AgentRunnerFactory } from './agents.js'
import { DbCheckpointBackend } from '../machines/backends/db.js'
import { runMachine } from '../machines/machine.js'
import type { LoadedMachine } from '../machines/loaded.js'
import { createActions } from '../machines/actions/index.js'
import { defuse } from '../report/injection.js'
import { abortableSleep } from '../core/sleep.js'
import type { Verdict } from './failure-policy.js'
import { judge } from './failure-policy.js'
import type { PhaseMachine } from './phase-machine.js'
import type { Phase } from './phases.js'
import type { Resources } from './resources.js'

export interface WorkDone {
  result: ExecutionResult
  outcome: 'succeeded' | 'failed' | 'released'
  resumed: boolean
  verdict: Verdict | null
}

/**
 * Works on one claimed execution to its end: runs the phase's machine, stores what it gives, and releases the lease.
 * Never throws for what concerns the paper alone.
 *
 * @param stop ends the work at the next transition; requests in flight are answered and kept.
 */
export async function work(
  resources: Resources,
  phase: Phase,
  { machine, version }: PhaseMachine,
  agents: AgentRunnerFactory,
  claim: Claim,
  stop: AbortSignal,
): Promise<WorkDone> {
  const { clock, log } = resources
  const started = clock.now()
  const lost = new AbortController()
  const heartbeat = keepLease(resources, claim.lease, lost)
  const { execution } = claim
  let verdict: Verdict | null = null
  let resumed = claim.interrupted
  let status: Status = phase.to
  let report: string | undefined
  try {
    parseArxivId(execution.arxiv_id)
    const run = await runMachine(machine, {
      executionId: execution.execution_id,
      input: await machineInput(resources, claim, { phase: phase.name, version, started }),
      fresh: await startsAnew(resources, machine, claim),
      services: {
        backend: new DbCheckpointBackend(resources.db, claim.lease, clock),
        runAgent: agents({ lease: claim.lease, phase: phase.name }),
        actions: createActions(resources),
        clock,
        sleep: abortableSleep,
        random: Math.random,
        warn: (message) => log.warn(`${execution.arxiv_id}: ${message}`),
        signal: AbortSignal.any([stop, lost.signal]),
      },
    })
    resumed ||= run.resumed
    refuseFailedOutput(run.output)
    report = typeof run.output['report_path'] === 'string' ? run.output['report_path'] : undefined
    await finish(resources, claim.lease, async (trx) => ({
      status: phase.to,
      ...(phase.output === null ? {} : { [phase.output]: await storeJson(trx, { ...run.output, work: { version, duration_ms: clock.now() - started } }) }),
      ...(report === undefined ? {} : { result_path: report }),
      error: null,
      error_class: null,
      not_before: null,
      attempts: 'reset',
    }))
  } catch (error) {
    verdict = judge(lost.signal.aborted ? lost.signal.reason : error, clock.now())
    log.debug(`${execution.arxiv_id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    verdict = await putBack(resources, phase, claim.lease, verdict)
    status = verdict.paper === 'fail' ? 'failed' : phase.from
  } finally {
    clearInterval(heartbeat)
  }
  return {
    outcome: verdict === null ? 'succeeded' : verdict.paper === 'fail' ? 'failed' : 'released',
    resumed,
    verdict,
    result: {
      arxiv_id: execution.arxiv_id,
      execution_id: execution.execution_id,
      status,
      ...(verdict === null ? {} : { error_class: verdict.errorClass, error: verdict.message }),
      ...(report === undefined ? {} : { report }),
      duration_ms: clock.now() - started,
    },
  }
}

/** Renews the lease at a third of its life, so that two renewals may fail before it runs out. */
function keepLease(resources: Resources, lease: Lease, lost: AbortController): NodeJS.Timeout {
  const timer = setInterval(
    () => {
      fence(resources.db, lease, resources.clock.now()).catch((error: unknown) => {
        if (error instanceof RpaError && error.code === 'lease_lost') lost.abort(error)
        else resources.log.debug(`renewing a lease failed: ${String(error)}`)
      })
    },
    Math.max(200, (lease.ttl * 1000) / 3),
  )
  return timer
}

/** What the machine's `input.*` means: the paper, what earlier phases found, and how they worked. */
async function machineInput(
  resources: Resources,
  { execution }: Claim,
  own: { phase: string; version: string; started: number },
): Promise<JsonObject> {
  const read = async (column: string | null): Promise<JsonObject> =>
    asObject(column === null ? null : await loadJson(resources.db, column))
  const prep = await read(execution.prep_output)
  const analyze = await read(execution.expensive_output)
  const earlier = [asObject(prep['work']), asObject(analyze['work'])]
  const { execution_id, arxiv_id, paper_id, title, authors, abstract } = execution
  return defuseAll({
    ...prep,
    ...analyze,
    models: { ...asObject(prep['models']), ...asObject(analyze['models']) },
    work: {
      config_versions: {
        ...(prep['work'] === undefined ? {} : { prep: earlier[0]?.['version'] }),
        ...(analyze['work'] === undefined ? {} : { analyze: earlier[1]?.['version'] }),
        [own.phase]: own.version,
      },
      spent_ms: earlier.reduce((sum, work) => sum + (Number(work['duration_ms']) || 0), 0),
      started_ms: own.started,
    },
    execution_id,
    arxiv_id,
    paper_id,
    title,
    authors,
    abstract,
  })
}

/** Text from papers, metadata and models goes into prompts between tags: none of it may close them. */
function defuseAll<T>(value: T): T {
  if (typeof value === 'string') return defuse(value) as T
  if (Array.isArray(value)) return value.map(defuseAll) as T
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, defuseAll(item)])) as T
}

/** A machine that ended in failure is not continued but begun again, with what it had paid for as a warm start. */
async function startsAnew(resources: Resources, machine: LoadedMachine, claim: Claim): Promise<boolean> {
  const backend = new DbCheckpointBackend(resources.db, claim.lease, resources.clock)
  const latest = await backend.load(`${claim.execution.execution_id}/latest`)
  if (latest === null || latest.machine_name !== machine.name || latest.event !== 'machine_end') return false
  return isObject(latest.output) && latest.output['error'] != null
}

/** A final state with `error` in its output is the machine's way to say: ended, but not well. */
function refuseFailedOutput(output: JsonObject): void {
  if (output['error'] == null) return
  const errorClass = typeof output['error_class'] === 'string' ? output['error_class'] : 'machine_failed'
  throw new RpaError(errorClass, String(output['error']))
}

async function finish(
  resources: Resources,
  lease: Lease,
  outcome: (trx: Resources['db']) => Promise<Outcome>,
): Promise<void> {
  await resources.db.transaction().execute(async (trx) => {
    await finishExecution(trx, lease, await outcome(trx), resources.clock.now())
  })
}

async function putBack(resources: Resources, phase: Phase, lease: Lease, verdict: Verdict): Promise<Verdict> {
  if (verdict.paper === 'abandon') return verdict
  const failed = verdict.paper === 'fail'
  const wait = !failed && verdict.stop === null && verdict.retryAt !== null ? isoTime(verdict.retryAt) : null
  try {
    await finish(resources, lease, async () => ({
      status: failed ? 'failed' : phase.from,
      error: verdict.message,
      error_class: verdict.errorClass,
      not_before: wait,
      attempts: failed ? 'keep' : 'refund',
    }))
    return verdict
  } catch (error) {
    return judge(error, resources.clock.now())
  }
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
