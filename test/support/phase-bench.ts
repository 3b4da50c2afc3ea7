import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { RpaError } from '../../src/core/errors.js'
import type { Logger } from '../../src/core/logging.js'
import { createLogger } from '../../src/core/logging.js'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { PHASES } from '../../src/core/phases.js'
import { openResources } from '../../src/pipeline/resources/resources.js'
import type { PhaseResult } from '../../src/pipeline/result.js'
import { runPhase } from '../../src/pipeline/run-phase.js'
import { openRaw } from './database.js'
import { modelServer } from './model-server.js'
import type { ModelServer } from './model-server.js'
import { addPrepped } from './prepped.js'
import { temporaryFolder } from './temp.js'

export const KEY = 'sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9'
export const MODEL = 'vendor/first:free'

/** A machine that asks one question of each paper, and has done nothing before. */
const ONE_QUESTION = {
  spec: 'flatmachine',
  spec_version: '4.2.1',
  data: {
    name: 'analyze',
    context: {
      title: 'input.title',
      authors: 'input.authors',
      abstract: 'input.abstract',
      paper_text: 'input.paper_text',
      why_hypotheses: null,
      models: null,
      text_cut: null,
    },
    agents: { why_hypotheses: '../agents/why_hypotheses.agent.yml' },
    states: {
      ask: {
        type: 'initial',
        agent: 'why_hypotheses',
        input: {
          title: 'context.title',
          authors: 'context.authors',
          abstract: 'context.abstract',
          paper_text: 'context.paper_text',
        },
        output_to_context: {
          why_hypotheses: 'output.content',
          models: { why_hypotheses: 'output.model' },
          text_cut: { why_hypotheses: 'output.text_cut' },
        },
        transitions: [{ to: 'done' }],
      },
      done: {
        type: 'final',
        output: {
          why_hypotheses: 'context.why_hypotheses',
          models: 'context.models',
          text_cut: 'context.text_cut',
        },
      },
    },
    persistence: { enabled: true, backend: 'sqlite' },
  },
}

const PROFILE = {
  provider: 'openai',
  name: MODEL,
  role: 'expensive',
  max_tokens: 1000,
  context_length: 16_000,
  timeout: 20,
}

/** Nothing is paced, nothing is waited for: what a failure does to a paper stays as it is. */
const LIMITS = {
  groups: [{ name: 'free', host: '127.0.0.1', requests_per_minute: 1000, minute: 60 }],
  circuits: { cooldown: 30, longest_cooldown: 120 },
  backoff: {
    server: { first: 3600, longest: 3600 },
    upstream: { first: 3600, longest: 3600 },
    empty: { first: 3600, longest: 3600 },
  },
  patience: 0,
}

type Yaml = Record<string, unknown>

export interface BenchOptions {
  papers?: number
  /** Text of each paper, as prep stores it. */
  text?: string
  /** Members of limits.yml that replace those of a limits.yml without any wait or pace. */
  limits?: Yaml
  /** Entries of `model_profiles`; members of `expensive` replace those of the one that is there. */
  profiles?: Record<string, Yaml>
  env?: Record<string, string>
  /** Called with the path of the executions DB before it is first opened. */
  prepare?: (path: string) => void
}

export interface RunOptions {
  workers?: number
  limit?: number
  /** The command's clock is ahead by this much. */
  laterMs?: number | (() => number)
  /** Nothing is told by default. */
  log?: Logger
}

/** How one command over the phase ended. */
export interface PhaseEnd {
  /** Null where the command itself could not go on. */
  result: PhaseResult | null
  error: RpaError | null
  /** What `rpa` would exit with. */
  exit: number
  /** Epoch milliseconds. */
  began: number
  ended: number
}

export interface PhaseBench {
  folder: string
  server: ModelServer
  path: string
  /** Settings as environment variables. */
  env: Record<string, string>
  /** Runs `analyze` to its end, in this process, with real files, a real DB and real HTTP. */
  run(options?: RunOptions): Promise<PhaseEnd>
  /** Models of the requests that the server saw, in order of arrival. */
  asked(): string[]
  query<T = Record<string, unknown>>(sql: string): T[]
  change(sql: string): void
  /** Writes limits.yml anew. */
  limits(changes: Yaml): void
}

/** A workspace with papers that `analyze` can take, one request each, and a model server. */
export async function phaseBench(options: BenchOptions = {}): Promise<PhaseBench> {
  const { papers = 1, limits = {}, profiles = {} } = options
  const server = await modelServer()
  const folder = temporaryFolder()
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), stringify(content))
  }
  const path = join(folder, 'data', 'executions.sqlite')
  write('rpa.yml', { data_dir: 'data' })
  write('config/machines/analyze.yml', ONE_QUESTION)
  write('config/limits.yml', { ...LIMITS, ...limits })
  write('config/profiles.yml', {
    spec: 'flatprofile',
    spec_version: '4.2.1',
    data: {
      model_profiles: { ...profiles, expensive: { ...PROFILE, ...profiles['expensive'] } },
      default: 'expensive',
    },
  })
  if (options.prepare !== undefined) {
    mkdirSync(dirname(path), { recursive: true })
    options.prepare(path)
  }
  if (papers > 0) await addPrepped(path, papers, options.text)
  const env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: server.url, ...options.env }
  const raw = openRaw(path)
  return {
    folder,
    server,
    path,
    env,
    run: (given) => runAnalyze(folder, env, given),
    asked: () => server.calls.map(({ body }) => body.model),
    query: <T>(sql: string) => raw.prepare(sql).all() as T[],
    change: (sql) => void raw.exec(sql),
    limits: (changes) => write('config/limits.yml', { ...LIMITS, ...limits, ...changes }),
  }
}

const SILENT = createLogger('error', () => undefined)

async function runAnalyze(
  folder: string,
  env: Record<string, string>,
  { workers = 1, limit, laterMs = 0, log = SILENT }: RunOptions = {},
): Promise<PhaseEnd> {
  const { settings } = await resolveSettings({}, env, folder)
  const resources = await openResources(settings, log, {
    workers,
    env,
    clock: { now: () => Date.now() + (typeof laterMs === 'number' ? laterMs : laterMs()) },
  })
  const began = Date.now()
  const never = new AbortController().signal
  const signals = { stopTaking: never, abortInFlight: never }
  const options = { workers, limit, ids: [], dryRun: false, drainMs: 0, ...signals }
  try {
    const result = await runPhase(resources, PHASES.analyze, options)
    return { result, error: null, exit: result.stopped === null ? 0 : 75, began, ended: Date.now() }
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    return { result: null, error, exit: error.exitCode, began, ended: Date.now() }
  } finally {
    await resources.close()
  }
}
