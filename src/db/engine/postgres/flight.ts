import type { ClientBase, Submittable } from 'pg'
import { createHash } from 'node:crypto'
import { storable } from '../../../core/storable.js'
import { parserOf } from './target.js'

/** A statement that is sent with others. */
export interface Question {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** One of a fixed number of texts: the server need parse it only once. */
  readonly fixed?: boolean
}

export interface Answer {
  rows: unknown[]
  /** What it did, as BEGIN or UPDATE. */
  command: string
  /** Rows found or changed. */
  changes: number
}

type Column = { name: string; parse: (text: string) => unknown }
type Columns = readonly Column[]

/** What a server knows of us by name, with the columns that each gives. */
const namedOn = new WeakMap<ClientBase, Map<string, Columns>>()

/**
 * Sends statements together, with one Sync at their end: one way there and one back, whatever their number. The server performs them
 * in order; of those after one that fails it does none, a COMMIT among them.
 *
 * @param named whether the server behind this connection is always the same, so that it may be told statements by name.
 * @returns their answers.
 * @throws what the server, or the connection, said of the first that failed.
 */
export function fly(client: ClientBase, questions: readonly Question[], named: boolean): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const flight = new Flight(questions, knownTo(client), named, (error, answers) => {
      if (error === null) resolve(answers)
      else reject(error)
    })
    client.query(flight)
  })
}

function knownTo(client: ClientBase): Map<string, Columns> {
  let known = namedOn.get(client)
  if (known === undefined) namedOn.set(client, (known = new Map<string, Columns>()))
  return known
}

/** What `pg` has of the protocol, as far as it is used here. */
interface Connection {
  stream: { cork(): void; uncork(): void }
  close(statement: { type: 'S'; name: string }): void
  parse(statement: { name: string; text: string }): void
  bind(portal: {
    statement: string
    values: readonly unknown[]
    valueMapper: (value: unknown) => unknown
  }): void
  describe(portal: { type: 'P' }): void
  execute(portal: null): void
  sync(): void
}

interface Field {
  name: string
  dataTypeID: number
}

/** The methods are those that `pg` calls on what is submitted to it. */
class Flight implements Submittable {
  readonly #questions: readonly Question[]
  readonly #known: Map<string, Columns>
  readonly #named: boolean
  readonly #answers: Answer[] = []
  #columns: Columns = []
  #rows: unknown[] = []
  #failed: Error | null = null
  /** `pg` puts its own around it, to stop the clock that it is given. */
  callback: (error: Error | null, answers: Answer[]) => void

  constructor(
    questions: readonly Question[],
    known: Map<string, Columns>,
    named: boolean,
    callback: (error: Error | null, answers: Answer[]) => void,
  ) {
    this.#questions = questions
    this.#known = known
    this.#named = named
    this.callback = callback
  }

  submit(given: unknown): void {
    const connection = given as Connection
    connection.stream.cork()
    try {
      for (const question of this.#questions) this.#send(connection, question)
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
    this.#expect()
  }

  #send(connection: Connection, question: Question): void {
    const name = this.#nameOf(question)
    const isKnown = name !== '' && this.#known.has(name)
    if (!isKnown) {
      // The server may have it of a flight that failed further on.
      if (name !== '') connection.close({ type: 'S', name })
      connection.parse({ name, text: question.sql })
    }
    connection.bind({ statement: name, values: question.parameters, valueMapper: asText })
    if (!isKnown) connection.describe({ type: 'P' })
    connection.execute(null)
  }

  #nameOf({ sql, fixed }: Question): string {
    return this.#named && fixed === true ? nameOf(sql) : ''
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: parserOf(dataTypeID, 'text') as Column['parse'],
    }))
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    try {
      const row: Record<string, unknown> = {}
      for (const [index, { name, parse }] of this.#columns.entries()) {
        const text = fields[index] ?? null
        row[name] = text === null ? null : parse(text)
      }
      this.#rows.push(row)
    } catch (error) {
      this.#failed ??= error instanceof Error ? error : new Error(String(error))
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const question = this.#questions[this.#answers.length]
    const name = question === undefined ? '' : this.#nameOf(question)
    if (name !== '') this.#known.set(name, this.#columns)
    const [command = ''] = text.split(' ', 1)
    const changes = Number(/\d+$/.exec(text)?.[0] ?? 0)
    this.#answers.push({ rows: this.#rows, command, changes })
    this.#expect()
  }

  /** Of a statement that is known by its name the server does not describe the answer again. */
  #expect(): void {
    const question = this.#questions[this.#answers.length]
    this.#columns = (question && this.#known.get(this.#nameOf(question))) ?? []
    this.#rows = []
  }

  handleError(error: Error): void {
    this.callback(this.#failed ?? error, [])
  }

  handleReadyForQuery(): void {
    this.callback(this.#failed, this.#answers)
  }
}

const names = new Map<string, string>()

/** A text has the same name everywhere, so that a name never means another text. */
function nameOf(sql: string): string {
  let name = names.get(sql)
  if (name === undefined)
    names.set(sql, (name = `rpa_${createHash('sha256').update(sql).digest('hex').slice(0, 40)}`))
  return name
}

function asText(value: unknown): string | Buffer | null {
  if (typeof value === 'string') return storable(value)
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return (value as number | bigint | boolean).toString()
}
