import { random } from '../core/chance.js'
import { ConfigError, UsageError } from '../core/errors.js'
import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import type { Logger } from '../core/logging.js'
import { abortableSleep } from '../core/sleep.js'
import { BY_HAND, dropByHand, holdByHand } from '../db/leases/by-hand.js'
import type { Lease } from '../db/leases/leases.js'
import type { Steps } from '../db/engine/steps.js'
import { transact } from '../db/engine/steps.js'
import { MemoryCheckpointBackend } from '../machines/backends/memory.js'
import { inputNames } from '../machines/input-names.js'
import type { LoadedMachine } from '../machines/loaded.js'
import { runMachine } from '../machines/machine.js'
import type { ActionRegistry, Settlement, Snapshot } from '../machines/types.js'
import { loadLimits } from './config/load-limits.js'
import { namedMachine } from './config/named-machine.js'
import { agentsOf } from './config/phase-profiles.js'
import type { ProfileResolver } from './config/resolve-profiles.js'
import { resolveProfiles } from './config/resolve-profiles.js'
import { reconcile } from './limits/provider-counts.js'
import type { ByHandPaper } from './paper/by-hand-paper.js'
import { byHandActions, byHandInput, phaseOf } from './paper/by-hand-paper.js'
import { ofLedger } from './paper/checkpoint-backend.js'
import { endsRun } from './paper/process-paper.js'
import { fingerprint } from './prepare-phase.js'
import { agentRunners } from './requests/ask-agent.js'
import type { Resources } from './resources/resources.js'

export interface ByHandSignals {
  /** Aborted when nothing is begun any more. */
  stopTaking: AbortSignal
  /** Aborted when requests in flight are not waited for any longer. */
  abortInFlight: AbortSignal
}

export interface ByHandOptions extends ByHandSignals {
  /** What `input.*` means. */
  input: JsonObject
  /** Whose stored results lie below the input; null: there is no paper. */
  paper: ByHandPaper | null
}

/** What `machine run` prints with --json. */
export interface ByHandResult {
  machine: string
  file: string
  final_state: string
  steps: number
  /** Requests to models, all in the ledger. */
  requests: number
  cost_usd: number
  duration_ms: number
  output: JsonObject
}

/** What came of one run of the machine. */
type HeldResult = Omit<ByHandResult, 'requests'>

/** Steps of the transaction that settles the request of an answer: what is written there is lost only if the answer is. */
type KeepAnswer = (output: JsonObject) => Steps<void>

/** Runs the machine once. */
type HeldRun = (input: JsonObject, keep?: KeepAnswer) => Promise<HeldResult>

/** A machine that belongs to no paper, with all that its requests need. */
export interface ByHand {
  /** Does work under one lease: to the ledger, and to routers, the requests of all its runs are about one thing. */
  hold<T>(work: (run: HeldRun) => Promise<T>): Promise<T>
  /** Requests sent so far. */
  sent(): number
}

/**
 * Runs a machine with checkpoints in memory. Its requests are booked, paced and counted like any other; a paper it is run
 * for is only read.
 *
 * @throws UsageError `needs_paper`, `input_missing`; ConfigError where profiles or keys are wrong; what the machine throws.
 */
export async function runByHand(
  resources: Resources,
  machine: LoadedMachine,
  { input: given, paper, ...signals }: ByHandOptions,
): Promise<ByHandResult> {
  const input =
    paper === null ? given : await byHandInput(resources, machine, fingerprint(machine), paper, given)
  // A phase's machine reads what only some papers have.
  if (paper === null || phaseOf(machine) === undefined) checkInput(machine, input, resources.log)
  if (typeof input['arxiv_id'] !== 'string') refuseActions(machine)
  const actions = byHandActions(resources, paper?.row.execution_id ?? null)
  const hands = await openByHand(resources, machine, byHandProfiles(resources, machine), signals, actions)
  const result = await hands.hold((run) => run(input))
  return { ...result, requests: hands.sent() }
}

/**
 * Prepares what runs of a machine have in common.
 *
 * @param actions that its states may run; none where it is about no paper.
 * @throws UsageError `needs_paper`; ConfigError where limits are wrong or a key is refused.
 */
export async function openByHand(
  resources: Resources,
  machine: LoadedMachine,
  profiles: ProfileResolver,
  { stopTaking, abortInFlight }: ByHandSignals,
  actions: ActionRegistry | null = null,
): Promise<ByHand> {
  if (actions === null) refuseActions(machine)
  const { db, clock, log, settings, ownerId } = resources
  const limits = loadLimits(resources.config)
  const chains = agentsOf(machine).flatMap((agent) => profiles(agent))
  const limitGroup = await reconcile(resources, chains, limits.groups)
  let requests = 0
  const agents = agentRunners({
    ...resources,
    budget: settings.budget,
    limits,
    limitGroup,
    keep: async () => ({ budget: [], group: [] }),
    told: new Map(),
    sizes: new Map(),
    deadline: null,
    stopRequests: stopTaking,
    dropBooked: stopTaking,
    abortInFlight,
    onRequest: () => (requests += 1),
  })
  const runUnder = (lease: Lease): HeldRun => {
    const scope = { log, lease, phase: BY_HAND, leaseLost: new AbortController().signal }
    const runAgent = agents(scope, profiles)
    return async (input, keep) => {
      const started = clock.now()
      const run = await runMachine(machine, {
        executionId: lease.executionId,
        input,
        services: {
          backend: new ToldBackend(resources, keep ?? null),
          runAgent,
          actions: actions ?? {},
          clock,
          sleep: abortableSleep,
          random,
          warn: (message) => log.warn(message),
          signal: stopTaking,
          mustStop: endsRun,
        },
      })
      return {
        machine: machine.name,
        file: machine.file,
        final_state: run.finalState,
        steps: run.step,
        cost_usd: run.costUsd,
        duration_ms: clock.now() - started,
        output: run.output,
      }
    }
  }
  return {
    sent: () => requests,
    hold: async (work) => {
      const lease = await holdByHand(db, ownerId, settings.leaseTtl, clock.now())
      try {
        return await work(runUnder(lease))
      } finally {
        await dropByHand(db, lease)
      }
    },
  }
}

/** All actions there are read or write something of a paper. */
function refuseActions({ name, actions }: LoadedMachine): void {
  if (actions.size === 0) return
  throw new UsageError(
    'needs_paper',
    `The machine ${name} runs ${[...actions].join(', ')}, which need a paper.`,
    {
      hint: 'Name one of the database with --id ID, or give its id as input: --set arxiv_id=ID.',
    },
  )
}

function checkInput(machine: LoadedMachine, input: JsonObject, log: Logger): void {
  const missing = inputNames(machine).filter((name) => !Object.hasOwn(input, name))
  if (missing.length === 0) return
  if (Object.keys(input).length > 0) {
    log.warn(`${machine.name} is run without ${missing.join(', ')} in its input`)
    return
  }
  throw new UsageError(
    'input_missing',
    `The machine ${machine.name} reads from its input: ${missing.join(', ')}.`,
    {
      hint: 'Take them from a paper of the database with --id ID, or give them: --input FILE (JSON, or - for standard input), --set NAME=VALUE.',
    },
  )
}

/**
 * Returns whom the agents of a machine ask: the chosen profile is the machine's own, or that of the configuration in force.
 *
 * @param resources with `env` null no keys are looked for.
 * @throws ConfigError `profiles_missing`, `profile_unknown`, `api_key_missing`, `profile_invalid`.
 */
export function byHandProfiles(
  { settings, env, config }: Pick<Resources, 'settings' | 'config'> & { env: NodeJS.ProcessEnv | null },
  machine: LoadedMachine,
): ProfileResolver {
  const own = machine.profiles
  const source =
    own?.profiles.has(settings.profile ?? '') === true ? own : namedMachine(config, 'analyze').profiles
  if (source === null) {
    throw new ConfigError('profiles_missing', `No profiles.yml was found for ${machine.file}.`, {
      hint: 'Put one beside the machine or in the configuration folder.',
    })
  }
  return resolveProfiles(source, agentsOf(machine), settings, env)
}

/** Checkpoints in memory, each told with --debug. */
class ToldBackend extends MemoryCheckpointBackend {
  readonly #resources: Pick<Resources, 'db' | 'log'>
  readonly #keep: KeepAnswer | null

  constructor(resources: Pick<Resources, 'db' | 'log'>, keep: KeepAnswer | null) {
    super()
    this.#resources = resources
    this.#keep = keep
  }

  override async save(key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void> {
    const { db, log } = this.#resources
    const keep = this.#keep
    const { machine_name: machine, current_state: state, event, output } = snapshot
    await super.save(key, snapshot)
    const settled = ofLedger(settlement)
    if (settled !== undefined)
      await transact(db, function* (): Steps<void> {
        yield* settled.steps()
        if (keep !== null && isObject(output)) yield* keep(output)
      })
    log.debug(`${machine}/${state}: ${event}`)
  }
}
