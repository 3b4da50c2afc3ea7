import pg from 'pg'
import { setTimeout as delay } from 'node:timers/promises'
import { random } from '../../../core/chance.js'
import { EXIT } from '../../../core/errors.js'
import { connectsAgain, explainPostgresError, unreachable, UnreachableError } from './errors.js'
import type { Target } from './target.js'

/** Of one process. A server allows 100 by default, and a transaction takes some milliseconds. */
const CONNECTIONS = 3
const IDLE_MS = 10_000

/** A restart takes seconds, a failover a minute. */
const LONGEST_OUTAGE_MS = 120_000
/** What a server asks for that is just starting, or has no connection left. */
const SHORT_PATIENCE_MS = 10_000

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 3000

/** The connections of a process to one server: few, opened when first needed, and again when they were lost. */
export class Connections {
  readonly place: string
  readonly #pool: pg.Pool
  /** Whether a connection was had: then a server that is away comes back. */
  #reached = false
  /** Those that are known to lead to one process of the server, and stay with it. */
  readonly #direct = new WeakSet<pg.PoolClient>()
  #namesNothing = false

  constructor({ config, place }: Target) {
    this.place = place
    // The pool's own limit would also count the time that somebody waits for others to give a connection back.
    const { connectionTimeoutMillis, ...shared } = config
    this.#pool = new pg.Pool({
      ...shared,
      Client: class extends pg.Client {
        constructor(given?: pg.ClientConfig) {
          super({ ...given, connectionTimeoutMillis })
          // One that is lost while nothing is asked of it says so here; whoever asks next is told.
          this.on('error', () => undefined)
        }
      },
      max: CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
    })
    // An idle one that is lost is left out of the pool; whoever needs the next one hears of what is wrong.
    this.#pool.on('error', () => undefined)
  }

  /**
   * Returns a connection, to be released. A server that was there before is waited for.
   *
   * @throws RpaError `db_unreachable` and others of `explainPostgresError`.
   */
  async take(): Promise<pg.PoolClient> {
    const began = performance.now()
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        const client = await this.#pool.connect()
        this.#reached = true
        return client
      } catch (error) {
        const waited = performance.now() - began
        if (waited > this.#patience(error)) throw this.#explain(error)
        await delay(wait * (0.5 + random()))
      }
    }
  }

  /**
   * Takes note of which process of the server answered: a proxy that lends connections by transactions names none of them when one
   * connects.
   */
  heardFrom(client: pg.PoolClient, pid: number): void {
    if ((client as { processID?: number }).processID === pid) this.#direct.add(client)
  }

  /** Returns whether one process answers all that is asked on this connection: it may be told statements by name. */
  isDirect(client: pg.PoolClient): boolean {
    return !this.#namesNothing && this.#direct.has(client)
  }

  /** For a server that forgets them. */
  useNoNames(): void {
    this.#namesNothing = true
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }

  #patience(error: unknown): number {
    const again = connectsAgain(error)
    if (again === 'never') return -1
    if (this.#reached) return LONGEST_OUTAGE_MS
    return again === 'soon' ? SHORT_PATIENCE_MS : -1
  }

  #explain(error: unknown): unknown {
    const explained = explainPostgresError(error, this.place)
    return explained instanceof UnreachableError && this.#reached
      ? unreachable(error, this.place, EXIT.tempfail)
      : explained
  }
}
