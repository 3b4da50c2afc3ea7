import type { BenchOptions, PhaseBench } from '../../support/phase-bench.js'
import { phaseBench } from '../../support/phase-bench.js'

/** What may pass soon is waited for; minutes last a third of a second. */
const PATIENT = {
  groups: [{ name: 'free', host: '127.0.0.1', requests_per_minute: 1000, minute: 0.3 }],
  circuits: { cooldown: 30, density_count: 3, outage_failures: 5, outage_silence: 86_400 },
  backoff: {
    server: { first: 0.01, longest: 0.02 },
    upstream: { first: 0.01, longest: 0.02 },
    empty: { first: 0.01, longest: 0.02 },
  },
  patience: 5,
}

/** A bench on which a command waits for what passes soon. */
export const patientBench = (options: BenchOptions = {}): Promise<PhaseBench> =>
  phaseBench({ ...options, limits: { ...PATIENT, ...options.limits } })

/** Of all papers, in their order. */
export const statuses = (bench: PhaseBench): unknown[] =>
  bench.query('select status, attempts from executions order by paper_id')
/** What the ledger says of each request, in their order. */
export const rows = (bench: PhaseBench): unknown[] =>
  bench.query('select error_class, attempt, model, asked_model from llm_calls order by started_at, attempt')

/** A paper that passed the phase. */
export const done = { status: 'analyzed', attempts: 0 }
