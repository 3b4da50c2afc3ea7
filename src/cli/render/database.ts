import type { DatabaseCheck } from '../../db/maintenance/check-database.js'
import type { CopyResult } from '../../db/maintenance/copy.js'
import { counted } from '../layout/counted.js'

/** Beyond this a paper's many small transactions are felt, milliseconds. */
const FAR_MS = 20
/** Cron entries of machines whose clocks differ by more begin at other moments than was meant, milliseconds. */
const CLOCKS_APART_MS = 2000

/** Returns what a person reads after a copy. */
export function renderCopy({ source, target, rows, copied, verified }: CopyResult): string {
  const papers = rows['executions'] ?? 0
  if (!verified) return `stopped after ${copied} rows; the same command goes on from there`
  const all = Object.values(rows).reduce((sum, one) => sum + one, 0)
  const earlier = copied === all ? '' : `, ${all - copied} of them were there already`
  return `${counted(papers, 'paper')}, ${counted(all, 'row')}${earlier}: ${source} → ${target}, every row compared\nSet RPA_DATABASE_URL to the new place.`
}

/** Returns what a person reads of a check, a line each. */
export function renderDatabaseCheck(check: DatabaseCheck): string {
  const { database, version, clock_ahead_ms: ahead, latency_ms } = check
  return [
    `database: ${database}`,
    `runs on:  ${version}`,
    `tables:   ${tablesOf(check)}`,
    `rights:   ${rightsOf(check)}`,
    `clock:    ${Math.abs(ahead)} ms ${ahead < 0 ? 'behind' : 'ahead of'} this machine's${Math.abs(ahead) > CLOCKS_APART_MS ? '; its own decides about leases and days' : ''}`,
    `latency:  ${latency_ms} ms a question${latency_ms > FAR_MS ? ': far away; a paper takes some hundred of them' : ''}`,
  ].join('\n')
}

function tablesOf({ schema, newest, papers }: DatabaseCheck): string {
  if (schema === 0) return 'none yet; the first command that writes makes them'
  const older = schema < newest ? `, ${newest} is the newest: a command that writes brings it up to date` : ''
  return `version ${schema}${older}; ${counted(papers, 'paper')}`
}

function rightsOf({ replica, writes, creates, schema, newest }: DatabaseCheck): string {
  if (replica) return 'it is a replica and can only be read: point RPA_DATABASE_URL at the primary server'
  if (!writes)
    return 'this user may not write: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO it'
  if (creates) return 'all that is needed'
  return schema < newest
    ? 'this user may make no tables: GRANT CREATE, USAGE ON SCHEMA public TO it'
    : 'may write; a new version of rpa needs CREATE on the schema for its tables'
}
