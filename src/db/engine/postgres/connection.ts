import type { QueryResult } from 'kysely'
import type { PoolClient } from 'pg'
import { EXIT, RpaError } from '../../../core/errors.js'
import type { Db } from '../schema.js'
import type { StepConnection, StepQuery, StepResult, Steps } from '../steps.js'
import { NOTHING, TransactionLostError } from '../steps.js'
import type { Connections } from './connections.js'
import { endsConnection, explainPostgresError, isGivenUp, isStatementForgotten } from './errors.js'
import type { Answer, Question } from './flight.js'
import { fly } from './flight.js'
import type { Begun } from './outcome.js'
import { outcomeOf } from './outcome.js'
import type { ServerClock } from './server-clock.js'

/** As long as a writer waits for SQLite's lock. */
const STATEMENT_MS = 60_000
/** A process that was stopped, or a machine that is gone, holds up others no longer than that. */
const IDLE_IN_TRANSACTION_MS = 10_000

/** A statement outside of transactions that loses its connection again and again for longer than this is given up. */
const PATIENCE_MS = 120_000

/** The settings are of the transaction: those of the session could be another's behind a proxy. */
const OPENING: Record<'reading' | 'writing', readonly Question[]> = {
  reading: opening(' read only', 'null'),
  writing: opening('', 'pg_current_xact_id()::text'),
}
const COMMIT = fixed('commit')
const ROLLBACK = fixed('rollback')

function opening(mode: string, id: string): readonly Question[] {
  return [
    fixed(`begin isolation level read committed${mode}`),
    fixed(
      `select ${id} as id, extract(epoch from clock_timestamp()) * 1000 as now, pg_backend_pid() as pid, ` +
        `set_config('statement_timeout', '${STATEMENT_MS}', true), ` +
        `set_config('idle_in_transaction_session_timeout', '${IDLE_IN_TRANSACTION_MS}', true)`,
    ),
  ]
}

function fixed(sql: string): Question {
  return { sql, parameters: [], fixed: true }
}

/** A transaction under way. */
interface Transaction {
  /** What is sent with the next question: nobody waits for its answer. */
  waiting: StepQuery[]
  /** Whether BEGIN was sent: with the first question. */
  sent: boolean
  /** Null: its id is not known (yet), or it only reads. */
  begun: Begun | null
}

/** A connection that is replaced when it is lost between transactions. */
export class PostgresConnection implements StepConnection {
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #reading: boolean
  #client: PoolClient
  #broken = false
  #transaction: Transaction | null = null

  constructor(client: PoolClient, connections: Connections, clock: ServerClock, reading: boolean) {
    this.#client = client
    this.#connections = connections
    this.#clock = clock
    this.#reading = reading
  }

  /** Outside of transactions only what may be done twice is ever sent: reads, and changes that set what they set. */
  async executeQuery<R>(query: StepQuery): Promise<QueryResult<R>> {
    const { rows, changes } =
      this.#transaction === null ? await this.#alone(query) : await this.#step(this.#transaction, query)
    return { rows: rows as R[], numAffectedRows: BigInt(changes) }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('nothing is streamed from PostgreSQL')
  }

  async transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
    await this.begin()
    try {
      const performed = steps()
      let state = performed.next()
      while (state.done !== true) {
        const query = state.value(db)
        state = performed.next(query === null ? NOTHING : await this.#step(this.#open(), query))
      }
      await this.commit()
      return state.value
    } catch (error) {
      await this.rollback()
      throw error
    }
  }

  /** Nothing is sent before the first question. */
  async begin(): Promise<void> {
    this.#transaction = { waiting: [], sent: false, begun: null }
  }

  /** @throws TransactionLostError if it is certain that nothing was committed. */
  async commit(): Promise<void> {
    const transaction = this.#open()
    // Its id must be known before: without it nobody could tell what became of it.
    if (!transaction.sent && transaction.waiting.length > 0) await this.#ask(transaction, [])
    if (transaction.sent) await this.#finish(transaction)
    this.#transaction = null
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = null
    // Whatever it ends with, the server gives up what was not committed.
    if (transaction?.sent === true && !this.#broken) await this.#fly([ROLLBACK]).catch(() => undefined)
  }

  release(): void {
    this.#client.release(this.#broken)
  }

  #open(): Transaction {
    if (this.#transaction === null) throw new Error('no transaction is under way')
    return this.#transaction
  }

  async #step(transaction: Transaction, query: StepQuery): Promise<StepResult> {
    if (query.unread === true || query.told !== undefined) {
      transaction.waiting.push(query)
      return NOTHING
    }
    return this.#ask(transaction, [query])
  }

  /** Sends BEGIN where it was not, what waits, and a question. Returns the answer of the last of them. */
  async #ask(transaction: Transaction, questions: readonly StepQuery[]): Promise<StepResult> {
    const opens = transaction.sent ? [] : OPENING[this.#reading ? 'reading' : 'writing']
    const asked = [...transaction.waiting.splice(0), ...questions]
    transaction.sent = true
    const sentAt = performance.now()
    try {
      const answers = await this.#fly([...opens, ...asked])
      if (opens.length > 0) this.#began(transaction, answers[1]?.rows[0] as Opened, sentAt)
      return tell(asked, answers.slice(opens.length))
    } catch (error) {
      throw this.#broken || isGivenUp(error) ? this.#lost(error) : this.#explain(error)
    }
  }

  #began(transaction: Transaction, { id, now, pid }: Opened, sentAt: number): void {
    this.#clock.observe(Number(now), sentAt, performance.now())
    this.#connections.heardFrom(this.#client, pid)
    transaction.begun = id === null ? null : { id, began: Number(now) }
  }

  /** Sends what waits with COMMIT. */
  async #finish({ waiting, begun }: Transaction): Promise<void> {
    try {
      const answers = await this.#fly([...waiting, COMMIT])
      if (answers.at(-1)?.command === 'ROLLBACK') throw new Error('a transaction went on after an error')
      tell(waiting, answers)
    } catch (error) {
      if (isGivenUp(error)) throw this.#lost(error)
      if (!this.#broken) throw this.#explain(error)
      // Without an id nothing was changed: a transaction that only reads.
      if (begun !== null && (await outcomeOf(this.#connections, begun)) === 'committed') return
      throw this.#lost(error)
    }
  }

  async #alone(query: StepQuery): Promise<StepResult> {
    const began = performance.now()
    for (;;) {
      try {
        const answers = await this.#fly(this.#reading ? [fixed('begin read only'), query, COMMIT] : [query])
        return answers[this.#reading ? 1 : 0] ?? NOTHING
      } catch (error) {
        if (this.#reading && !this.#broken) await this.#fly([ROLLBACK]).catch(() => undefined)
        if (!this.#broken || performance.now() - began > PATIENCE_MS) throw this.#explain(error)
        this.release()
        this.#client = await this.#connections.take()
        this.#broken = false
      }
    }
  }

  async #fly(questions: readonly Question[]): Promise<Answer[]> {
    const named = this.#connections.isDirect(this.#client)
    try {
      return await fly(this.#client, questions, named)
    } catch (error) {
      const isForgotten = named && isStatementForgotten(error)
      if (isForgotten) this.#connections.useNoNames()
      this.#broken ||= isForgotten || endsConnection(error)
      throw error
    }
  }

  #explain(error: unknown): unknown {
    return explainPostgresError(error, this.#connections.place)
  }

  #lost(error: unknown): TransactionLostError {
    const explained = this.#explain(error)
    const { message, hint } =
      explained instanceof RpaError ? explained : { message: String(error), hint: undefined }
    return new TransactionLostError('db_unreachable', message, {
      ...(hint === undefined ? {} : { hint }),
      exitCode: EXIT.tempfail,
      cause: error,
    })
  }
}

/** Hands over what was asked ahead. Returns the answer of the last of them. */
function tell(asked: readonly StepQuery[], answers: readonly Answer[]): StepResult {
  for (const [index, { told }] of asked.entries()) told?.(answers[index] ?? NOTHING)
  return answers[asked.length - 1] ?? NOTHING
}

interface Opened {
  id: string | null
  now: string
  /** Of the process behind the connection. */
  pid: number
}
