import { Kysely, sql } from 'kysely'
import type { RpaError } from '../../../core/errors.js'
import { ConfigError } from '../../../core/errors.js'
import { migrate, isUpToDate } from '../migrate.js'
import type { OpenDatabase } from '../open-database.js'
import type { Db } from '../prepared.js'
import { requireSchema } from '../require-schema.js'
import { Connections } from './connections.js'
import { ReconnectingDialect } from './driver.js'
import { explainPostgresError } from './errors.js'
import { ServerClock } from './server-clock.js'
import type { Target } from './target.js'
import { targetOf } from './target.js'

const OLDEST_VERSION = 15

/**
 * Opens the executions DB on a server, makes its tables where they are missing, and brings them up to date.
 *
 * @throws ConfigError `database_url`, `db_foreign`, `db_newer`; RpaError `db_*` where it is unusable.
 */
export async function openPostgres(url: string): Promise<OpenDatabase> {
  return open(targetOf(url), false, bringUpToDate)
}

/** The same for statements that may take hours. */
export async function openPostgresForUpkeep(url: string): Promise<OpenDatabase> {
  const { config, place } = targetOf(url)
  return open({ config: { ...config, query_timeout: 0 }, place }, false, bringUpToDate)
}

async function bringUpToDate(db: Db, place: string, server: Server): Promise<void> {
  if (server.replica) throw replica(place)
  await migrate(db, place)
  await requireSchema(db, place)
}

/**
 * The same for commands that only look: every transaction is read-only, and no right to write is needed.
 *
 * @throws as {@link openPostgres}; ConfigError `db_missing` where there are no tables yet, `db_older` where they are not up to date.
 */
export async function openPostgresForReading(url: string): Promise<OpenDatabase> {
  return open(targetOf(url), true, async (db, place, server) => {
    if (!server.ours) {
      throw new ConfigError('db_missing', `There is no executions DB at ${place}.`, {
        hint: '`rpa seed ID` makes one; --db or RPA_DATABASE_URL name another place.',
      })
    }
    if (await isUpToDate(db, place)) return requireSchema(db, place)
    throw new ConfigError('db_older', `${place} was made by an earlier version of rpa.`, {
      hint: 'Any command that writes brings it up to date, `rpa reap` for one; do so once no earlier version works on it.',
    })
  })
}

/**
 * The same for a look at what is there: tables may be missing or of an earlier version.
 *
 * @throws as {@link openPostgres}.
 */
export async function openPostgresForCheck(url: string): Promise<OpenDatabase> {
  return open(targetOf(url), true, async () => undefined)
}

async function open(
  target: Target,
  reading: boolean,
  prepare: (db: Db, place: string, server: Server) => Promise<void>,
): Promise<OpenDatabase> {
  const { place } = target
  const clock = new ServerClock()
  const connections = new Connections(target)
  const db: Db = new Kysely({ dialect: new ReconnectingDialect(connections, clock, reading) })
  try {
    const server = await lookAt(db, clock)
    requireOurs(server, place)
    await prepare(db, place, server)
    const nothing = (): void => undefined
    return {
      db,
      place,
      clock,
      shared: true,
      keepReserve: nothing,
      requireRoom: nothing,
      close: () => db.destroy(),
    }
  } catch (error) {
    await db.destroy()
    throw explainPostgresError(error, place)
  }
}

interface Server {
  version: number
  replica: boolean
  schema: string | null
  /** Tables in its schema, and whether ours are among them. */
  tables: number
  ours: boolean
}

async function lookAt(db: Db, clock: ServerClock): Promise<Server> {
  const sent = performance.now()
  const { rows } = await sql<Server & { now: string }>`
    select current_setting('server_version_num')::int / 10000 as version, pg_is_in_recovery() as replica,
      current_schema() as schema, count(*) as tables, coalesce(bool_or(tablename = 'executions'), false) as ours,
      extract(epoch from clock_timestamp()) * 1000 as now
    from pg_tables where schemaname = current_schema()`.execute(db)
  const [server] = rows
  if (server === undefined) throw new Error('the server answers nothing')
  clock.observe(Number(server.now), sent, performance.now())
  return server
}

function requireOurs({ version, schema, tables, ours }: Server, place: string): void {
  if (version < OLDEST_VERSION) {
    throw new ConfigError(
      'db_version',
      `${place} runs PostgreSQL ${version}; ${OLDEST_VERSION} or newer is needed.`,
      {
        hint: 'Upgrade the server, or use another one.',
      },
    )
  }
  if (schema === null) {
    throw new ConfigError('db_rights', `This user has no schema in ${place} to put tables into.`, {
      hint: 'GRANT CREATE, USAGE ON SCHEMA public TO it, or make it the owner of the database.',
    })
  }
  if (tables === 0 || ours) return
  throw new ConfigError(
    'db_foreign',
    `${place} is a database of something else: it has no table "executions".`,
    {
      hint: 'Make a database of its own for rpa (createdb), and point --db or RPA_DATABASE_URL there.',
    },
  )
}

function replica(place: string): RpaError {
  return new ConfigError('db_read_only', `${place} can only be read: it is a replica.`, {
    hint: 'Point RPA_DATABASE_URL at the primary server.',
  })
}
