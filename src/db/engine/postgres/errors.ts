import { ConfigError, EXIT, messageOf, RpaError, systemCode } from '../../../core/errors.js'
import { schemaFault } from '../errors.js'

/** SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) of anything that a server said; else null. */
export function sqlState(error: unknown): string | null {
  const code = systemCode(error)
  return code !== null && error instanceof Error && 'severity' in error ? code : null
}

/** Class 08, idle_in_transaction_session_timeout, and a server that shuts down, crashed or drops the database. */
const CONNECTION_ENDS = /^(08...|25P03|57P0[124])$/
const STARTING_UP = '57P03'
const TOO_MANY = '53300'

/** Returns whether the connection is of no more use: what has no SQLSTATE never came from a server that goes on. */
export function endsConnection(error: unknown): boolean {
  const state = sqlState(error)
  return state === null || CONNECTION_ENDS.test(state)
}

/** Returns whether a transaction was given up for others: done once more, it may well succeed. */
export function isGivenUp(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '')
}

/**
 * Returns whether the server does not know, or no longer as it was, a statement that it was told by name: another server stands
 * behind the connection, or a table was changed.
 */
export function isStatementForgotten(error: unknown): boolean {
  return ['26000', '42P05', '0A000'].includes(sqlState(error) ?? '')
}

/** Whether it is worth connecting again: `soon` where a server said so, `perhaps` where none was reached. */
export function connectsAgain(error: unknown): 'soon' | 'perhaps' | 'never' {
  const state = sqlState(error)
  if (state === STARTING_UP || state === TOO_MANY) return 'soon'
  if (state !== null) return CONNECTION_ENDS.test(state) ? 'perhaps' : 'never'
  return isTls(error) ? 'never' : 'perhaps'
}

function isTls(error: unknown): boolean {
  const code = systemCode(error) ?? ''
  return (
    /^(ERR_(TLS|SSL|OSSL)|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/.test(code) ||
    /\bSSL\b/.test(messageOf(error))
  )
}

/**
 * Returns the error as the user should read it; anything that is no fault of the DB is returned as it is.
 *
 * @param place the DB, without anything secret.
 */
export function explainPostgresError(error: unknown, place: string): unknown {
  if (error instanceof RpaError) return error
  const state = sqlState(error)
  return state === null ? explainConnection(error, place) : explainState(error, state, place)
}

/** Nobody hears of the server. */
export class UnreachableError extends RpaError {}

/** Returns the error for a server that nobody hears of: 75 for one that was there before. */
export function unreachable(error: unknown, place: string, exitCode: number = EXIT.unavailable): RpaError {
  const code = systemCode(error)
  const why = code === null || code === 'ERR_ASSERTION' ? messageOf(error) : code
  return new UnreachableError('db_unreachable', `The server of ${place} cannot be reached (${why}).`, {
    hint: 'Check RPA_DATABASE_URL and that the server runs; then run the command again. Nothing was lost.',
    exitCode,
    cause: error,
  })
}

function explainConnection(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error
  if (isTls(error)) {
    return new ConfigError('db_tls', `The server of ${place} cannot be spoken to by TLS: ${error.message}.`, {
      hint: 'Check sslmode and sslrootcert in RPA_DATABASE_URL (docs/scaling.md).',
      cause: error,
    })
  }
  if (/password must be a string|client password/i.test(error.message)) {
    return new ConfigError('db_denied', `${place} asks for a password, and none is set.`, {
      hint: 'Put it into RPA_DATABASE_URL, PGPASSWORD or ~/.pgpass.',
      cause: error,
    })
  }
  const network = systemCode(error) !== null || /terminated|timeout|timed out|ended/i.test(error.message)
  return network ? unreachable(error, place) : error
}

type Explain = (place: string, what: string) => { code: string; message: string; hint: string; exit: number }

const EXPLANATIONS: readonly (readonly [RegExp, Explain])[] = [
  [
    /^28/,
    (place, what) => ({
      code: 'db_denied',
      message: `${place} does not let this user in: ${what}.`,
      hint: 'Check user and password in RPA_DATABASE_URL, and the server’s pg_hba.conf.',
      exit: EXIT.config,
    }),
  ],
  [
    /^3D000/,
    (place) => ({
      code: 'db_missing',
      message: `There is no database at ${place}.`,
      hint: 'Make one (createdb), or correct RPA_DATABASE_URL.',
      exit: EXIT.config,
    }),
  ],
  [
    /^(42501|3F000)/,
    (place, what) => ({
      code: 'db_rights',
      message: `This user may not do in ${place} what is needed: ${what}.`,
      hint: 'It must own the tables of rpa, or be able to make them: make it the owner of the database, or GRANT CREATE, USAGE ON SCHEMA public TO it.',
      exit: EXIT.config,
    }),
  ],
  [
    /^(53300|57P03)/,
    (place, what) => ({
      code: 'db_busy',
      message: `${place} takes no connection now: ${what}.`,
      hint: 'Run the command again later, or raise max_connections (docs/scaling.md); nothing was lost.',
      exit: EXIT.tempfail,
    }),
  ],
  [
    /^53100/,
    (place, what) => ({
      code: 'db_disk_full',
      message: `The disk of the server of ${place} is full: ${what}.`,
      hint: 'Make room there, then run the command again; nothing was lost.',
      exit: EXIT.tempfail,
    }),
  ],
  [
    /^53/,
    (place, what) => ({
      code: 'db_busy',
      message: `The server of ${place} is short of something: ${what}.`,
      hint: 'Run the command again later; nothing was lost.',
      exit: EXIT.tempfail,
    }),
  ],
  [
    /^(57014|55P03)/,
    (place) => ({
      code: 'db_locked',
      message: `${place} did not answer within a minute.`,
      hint: 'Something holds it up: look at pg_stat_activity. Run the command again later; nothing was lost.',
      exit: EXIT.tempfail,
    }),
  ],
  [
    /^25006/,
    (place) => ({
      code: 'db_read_only',
      message: `${place} can only be read: it is a replica, or set so.`,
      hint: 'Point RPA_DATABASE_URL at the primary server.',
      exit: EXIT.config,
    }),
  ],
  [
    /^(XX00[12])/,
    (place, what) => ({
      code: 'db_corrupt',
      message: `${place} is damaged: ${what}.`,
      hint: 'Restore the server’s backup (docs/scaling.md).',
      exit: EXIT.failure,
    }),
  ],
]

/** Our statements are fixed: what a server does not understand of them, or refuses to store, is not as we made it. */
const SCHEMA_FAULTS = /^(2[23]|42)/

function explainState(error: unknown, state: string, place: string): unknown {
  const what = messageOf(error)
  if (CONNECTION_ENDS.test(state)) return unreachable(error, place, EXIT.tempfail)
  const explain = EXPLANATIONS.find(([states]) => states.test(state))?.[1]
  if (explain !== undefined) {
    const { code, message, hint, exit } = explain(place, what)
    const options = { hint, exitCode: exit, cause: error }
    return exit === EXIT.config
      ? new ConfigError(code, message, options)
      : new RpaError(code, message, options)
  }
  return SCHEMA_FAULTS.test(state) ? schemaFault(place, what, error) : error
}
