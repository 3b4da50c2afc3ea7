import pg from 'pg'
import { ConfigError } from '../../../core/errors.js'

/** Where a DB is. */
export interface Target {
  config: pg.ClientConfig
  /** What users read of it: without a user, a password or anything else that may be secret. */
  place: string
}

const CONNECT_MS = 10_000

/** A statement that takes longer than a transaction may wait was sent into a network that swallows it. */
const ANSWER_MS = 90_000

/** What SQLite gives as a number, PostgreSQL sends as text, for it may hold more: int8, and the sums of such (numeric). */
const NUMBERS: readonly number[] = [20, 1700]

/**
 * Returns what a `postgres:` URL means; what it leaves out is taken from the variables of libpq (PGHOST, PGPASSFILE, …).
 *
 * @throws ConfigError `database_url` if it is none; nothing of it is shown.
 */
export function targetOf(url: string, env: NodeJS.ProcessEnv = process.env): Target {
  const config: pg.ClientConfig = {
    connectionString: withLibpqSsl(url, env),
    application_name: env['PGAPPNAME'] || 'rpa',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  }
  try {
    const { host, port, database } = new pg.Client(config)
    const shownHost = host.startsWith('/') ? '' : host
    const shownPort = port === 5432 || shownHost === '' ? '' : `:${port}`
    return { config, place: `postgres://${shownHost}${shownPort}/${database ?? ''}` }
  } catch {
    throw new ConfigError('database_url', 'The URL of the executions DB cannot be read.', {
      hint: 'It looks like postgres://USER:PASSWORD@HOST:5432/DATABASE; in user and password, special characters are escaped (%40 for @).',
    })
  }
}

/** `pg` means more by some of libpq's words for sslmode than libpq does. */
function withLibpqSsl(url: string, env: NodeJS.ProcessEnv): string {
  const given = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const more = new URLSearchParams()
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '' && !given.has(name)) more.set(name, value)
  }
  add('sslmode', env['PGSSLMODE'])
  add('sslrootcert', env['PGSSLROOTCERT'])
  if (given.has('sslmode') || more.has('sslmode')) add('uselibpqcompat', 'true')
  const added = more.toString()
  return added === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${added}`
}

export const parserOf: pg.CustomTypesConfig['getTypeParser'] = (id, format) =>
  NUMBERS.includes(id) ? Number : (pg.types.getTypeParser(id, format) as unknown)
