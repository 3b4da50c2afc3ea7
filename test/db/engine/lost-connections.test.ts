import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addUsage, usedRequests } from '../../../src/db/calls/day-counts.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { takeLocks, transact } from '../../../src/db/engine/steps.js'
import { claim } from '../../../src/db/executions/claims.js'
import { cuttingProxy } from '../../support/cutting-proxy.js'
import { addPapers, newDatabase, openTestDatabase, prepClaim } from '../../support/database.js'
import { HAS_SERVER, onServer } from '../../support/postgres.js'
import type { TestServer } from '../../support/postgres-server.js'
import { serverPrograms, startServer } from '../../support/postgres-server.js'

const DAY = '2026-03-04'

/** Counts one request: done twice it would show. */
const countOne = function* () {
  yield* takeLocks({ name: 'test' })
  yield* addUsage(DAY, 'cheap', 1)
}

describe.runIf(HAS_SERVER)('a line that is cut', () => {
  it.each(['before', 'after'] as const)(
    '%s any question of a transaction reached the server: it is done once',
    async (when) => {
      const proxy = await cuttingProxy(await newDatabase('postgres'))
      const { db } = await openTestDatabase(proxy.url)
      let counted = 0
      for (let question = 0; ; question += 1) {
        proxy.cutAt(question, when)
        await transact(db, countOne)
        counted += 1
        if (!proxy.wasCut()) break
        expect(await usedRequests(db, DAY)).toBe(counted)
      }
      // What there is to do goes out with BEGIN, and COMMIT when that is answered.
      expect(counted).toBe(3)
    },
  )

  it('outside of transactions keeps nobody from reading', async () => {
    const proxy = await cuttingProxy(await newDatabase('postgres'))
    const { db } = await openTestDatabase(proxy.url)
    await addPapers(db, 2)
    for (const when of ['before', 'after'] as const) {
      proxy.cutAt(0, when)
      expect(await db.selectFrom('executions').select('status').execute()).toHaveLength(2)
      expect(proxy.wasCut()).toBe(true)
    }
  })

  it('by the server, at any moment, loses no claim and gives none twice', async () => {
    const url = await newDatabase('postgres')
    const databases = [await openTestDatabase(url), await openTestDatabase(url)]
    await addPapers(databases[0]!.db, 60)
    const cut = async (): Promise<void> => {
      const own = "datname = current_database() and application_name = 'rpa'"
      const name = new URL(url).pathname.slice(1)
      await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where ${own}`, name)
    }
    const claimed = await Promise.all(
      databases.map(async ({ db }, place) => {
        const ids: string[] = []
        for (;;) {
          // While the next one is being claimed, by the other too.
          const cutting = ids.length % 4 === 0 ? cut() : undefined
          const taken = await claim(db, prepClaim({ ownerId: `owner-${place}` }))
          await cutting
          if (taken === null) return ids
          ids.push(taken.execution.arxiv_id)
        }
      }),
    )
    const ids = claimed.flat()
    expect(ids).toHaveLength(60)
    expect(new Set(ids).size).toBe(60)
    const tokens = await databases[0]!.db.selectFrom('execution_leases').select('fencing_token').execute()
    expect(new Set(tokens.map((row) => row.fencing_token))).toEqual(new Set([1]))
  })
})

async function askServer(server: TestServer, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query<Record<string, unknown>>(sql)
  await client.end()
  return rows
}

async function transactionId(server: TestServer): Promise<bigint> {
  const [row] = await askServer(server, 'select pg_current_xact_id()::text as id')
  return BigInt(String(row?.['id']))
}

describe.runIf(serverPrograms() !== null)('a server that is started anew', () => {
  async function ownServer(settings: Record<string, string> = {}): Promise<TestServer> {
    const server = await startServer(serverPrograms() ?? '', {
      settings: { synchronous_commit: 'on', ...settings },
    })
    onTestFinished(() => server.remove())
    return server
  }

  it('in the middle of the work is waited for, and what was committed is there', async () => {
    const server = await ownServer()
    const { db } = await openTestDatabase(server.url)
    await addPapers(db, 40)
    const ids: string[] = []
    for (let n = 0; n < 40; n += 1) {
      const taken = claim(db, prepClaim())
      if (n === 10) await server.stop()
      if (n === 20) await server.crash()
      if (n === 10 || n === 20) await server.start()
      ids.push((await taken)?.execution.arxiv_id ?? 'none')
    }
    expect(new Set(ids).size).toBe(40)
    expect(ids).not.toContain('none')
  })

  it('after a crash that lost a commit, gives its id to others: theirs is not taken for it', async () => {
    // What is committed stays in the server's memory, and goes with it.
    const server = await ownServer({ synchronous_commit: 'off', wal_writer_delay: '10s', autovacuum: 'off' })
    const proxy = await cuttingProxy(server.url)
    const { db } = await openTestDatabase(proxy.url)
    await askServer(server, 'checkpoint')
    let lost = 0n
    const reuse: bigint[] = []
    proxy.cutAt(1, 'after', async () => {
      await server.crash()
      await server.start()
      for (let id = 0n; id < lost; reuse.push(id)) id = await transactionId(server)
    })
    lost = (await transactionId(server)) + 1n
    await transact(db, countOne)
    expect(proxy.wasCut()).toBe(true)
    expect(reuse).toContain(lost)
    expect(await usedRequests(db, DAY)).toBe(1)
  })

  it('is not waited for by who never reached it', async () => {
    const server = await ownServer()
    await server.stop()
    await expect(openDatabase(server.url)).rejects.toMatchObject({ code: 'db_unreachable', exitCode: 69 })
  })
})

describe.runIf(HAS_SERVER)('a server that knows statements by their names', () => {
  it('is told them anew where a table was changed meanwhile', async () => {
    const url = await newDatabase('postgres')
    const { db } = await openTestDatabase(url)
    await addPapers(db, 20)
    const ids = new Set<string | undefined>()
    for (let n = 0; n < 20; n += 1) {
      if (n === 10)
        await onServer('alter table executions add column later text', new URL(url).pathname.slice(1))
      ids.add((await claim(db, prepClaim()))?.execution.arxiv_id)
    }
    expect(ids.size).toBe(20)
    expect(ids).not.toContain(undefined)
  })

  it('gives a claim once whose commit was made and not answered', async () => {
    const proxy = await cuttingProxy(await newDatabase('postgres'))
    const { db } = await openTestDatabase(proxy.url)
    await addPapers(db, 6)
    for (const when of ['before', 'after'] as const) {
      for (const question of [0, 1]) {
        proxy.cutAt(question, when)
        const taken = await claim(db, prepClaim())
        expect(proxy.wasCut()).toBe(true)
        expect(taken?.lease.fencingToken).toBe(1)
        const { status, attempts } = await db
          .selectFrom('executions')
          .select(['status', 'attempts'])
          .where('execution_id', '=', taken?.lease.executionId ?? '')
          .executeTakeFirstOrThrow()
        expect(taken?.execution).toMatchObject({ status, attempts: 1 })
        expect(attempts).toBe(1)
      }
    }
    expect(await db.selectFrom('execution_leases').select('execution_id').execute()).toHaveLength(4)
  })
})
