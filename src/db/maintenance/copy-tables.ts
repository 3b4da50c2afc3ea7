import { storable } from '../../core/storable.js'
import { columnsInForce } from '../engine/migrate.js'
import type { ExecutionsTable } from '../engine/schema.js'

/** A table of ours that is copied: its key, and the type of each column as SQLite knows it. */
export interface CopiedTable {
  name: string
  key: string
  columns: ReadonlyMap<string, string>
}

export type StoredRow = Record<string, string | number | Uint8Array | null>

/**
 * In this order: what papers refer to comes before them, so that nobody finds a paper to work on whose texts are not there
 * yet. Not copied is what only means something to processes at work.
 */
const ORDER = [
  'blobs',
  'machine_configs',
  'machine_runs',
  'machine_transitions',
  'machine_checkpoints',
  'machine_latest',
  'llm_calls',
  'daily_usage',
  'circuits',
  'limit_states',
  'free_models',
  'request_gates',
  'command_runs',
  'judgements',
  'execution_leases',
  'executions',
] as const
const LEFT_OUT = ['schema_migrations', 'condemned_blobs']

/** Returns the tables that are copied, in their order. */
export function copiedTables(): CopiedTable[] {
  const all = columnsInForce()
  const forgotten = [...all.keys()].filter((name) => ![...ORDER, ...LEFT_OUT].includes(name))
  if (forgotten.length > 0) throw new Error(`not copied: ${forgotten.join(', ')}`)
  return ORDER.map((name) => {
    const columns = all.get(name) ?? new Map<string, string>()
    const [key = ''] = [...columns].find(([, type]) => type.includes('primary key')) ?? []
    return { name, key, columns }
  })
}

/** Returns a row as every engine stores it: SQLite keeps a number in a column of texts, a null where there must be none. */
export function storableRow({ name: table, columns }: CopiedTable, row: StoredRow): StoredRow {
  const stored: StoredRow = Object.fromEntries(
    [...columns].map(([name, type]) => [name, storableValue(row[name] ?? null, type)]),
  )
  // Of what was cleaned the checksum would be another.
  if (table === 'executions' && METADATA.some((name) => stored[name] !== row[name]))
    stored['paper_checksum'] = null
  return stored
}

const METADATA: readonly (keyof ExecutionsTable)[] = ['arxiv_id', 'title', 'authors', 'abstract']

function storableValue(value: StoredRow[string], type: string): StoredRow[string] {
  if (type.startsWith('blob')) return value
  if (value === null) return type.includes('not null') ? defaultOf(type) : null
  const text = typeof value === 'object' ? Buffer.from(value).toString('utf8') : value
  if (type.startsWith('text')) return storable(String(text))
  return type.startsWith('integer') ? Math.round(Number(text)) : Number(text)
}

function defaultOf(type: string): string | number {
  const given = /default ('([^']*)'|\S+)/.exec(type)
  if (type.startsWith('text')) return given?.[2] ?? ''
  return Number(given?.[1] ?? 0)
}
