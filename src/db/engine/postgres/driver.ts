import type { Driver } from 'kysely'
import { PostgresDialect } from 'kysely'
import { PostgresDialectAdapter } from '../dialect-postgres.js'
import { PostgresConnection } from './connection.js'
import type { Connections } from './connections.js'
import type { ServerClock } from './server-clock.js'

/** Kysely's PostgreSQL dialect over few connections that come back, with the server's clock read at every beginning. */
export class ReconnectingDialect extends PostgresDialect {
  readonly #driver: () => Driver

  constructor(connections: Connections, clock: ServerClock, reading: boolean) {
    super({ pool: async () => Promise.reject(new Error('not used')) })
    this.#driver = () => new ReconnectingDriver(connections, clock, reading)
  }

  override createDriver(): Driver {
    return this.#driver()
  }

  override createAdapter(): PostgresDialectAdapter {
    return new PostgresDialectAdapter()
  }
}

class ReconnectingDriver implements Driver {
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #reading: boolean

  constructor(connections: Connections, clock: ServerClock, reading: boolean) {
    this.#connections = connections
    this.#clock = clock
    this.#reading = reading
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    const client = await this.#connections.take()
    return new PostgresConnection(client, this.#connections, this.#clock, this.#reading)
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    await connection.begin()
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  async destroy(): Promise<void> {
    await this.#connections.end()
  }
}
