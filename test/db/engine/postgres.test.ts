import { describe, expect, it } from 'vitest'
import { claim } from '../../../src/db/executions/claims.js'
import { openDatabase, openForReading } from '../../../src/db/engine/open.js'
import { RpaError } from '../../../src/core/errors.js'
import { addPapers, mustClaim, newDatabase, openTestDatabase, prepClaim } from '../../support/database.js'
import { emptyDatabase, HAS_SERVER } from '../../support/postgres.js'

async function failure(promise: Promise<unknown>): Promise<RpaError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RpaError)) throw new Error(`no RpaError: ${String(error)}`)
  return error
}

describe.runIf(HAS_SERVER)('a database on a server', () => {
  it('is made by whoever opens it first, several at once, and read by whoever only looks', async () => {
    const url = await emptyDatabase()
    expect(await failure(openForReading(url))).toMatchObject({ code: 'db_missing', exitCode: 78 })
    const [first] = await Promise.all([openTestDatabase(url), openTestDatabase(url), openTestDatabase(url)])
    await addPapers(first.db, 3)
    const reading = await openForReading(url)
    expect(await reading.db.selectFrom('executions').select('arxiv_id').execute()).toHaveLength(3)
    const change = reading.db.deleteFrom('executions').execute()
    expect(await failure(change)).toMatchObject({ code: 'db_read_only', exitCode: 78 })
    await reading.close()
  })

  it('gives each paper to one of those who claim at once', async () => {
    const { db } = await openTestDatabase(await newDatabase('postgres'))
    await addPapers(db, 20)
    const claims = await Promise.all(Array.from({ length: 25 }, () => claim(db, prepClaim())))
    const ids = claims.flatMap((one) => one?.execution.arxiv_id ?? [])
    expect(ids).toHaveLength(20)
    expect(new Set(ids).size).toBe(20)
    expect(await claim(db, prepClaim())).toBeNull()
  })

  it('has a clock that is read when a transaction begins', async () => {
    const { db, clock } = await openTestDatabase(await newDatabase('postgres'))
    await addPapers(db, 1)
    await mustClaim(db)
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000)
  })

  it('shows nothing of a password', async () => {
    const url = new URL(await newDatabase('postgres'))
    url.username = 'nobody-we-know'
    url.password = 'p4ssw0rd'
    const error = await failure(openDatabase(url.href))
    expect(error).toMatchObject({ code: 'db_denied', exitCode: 78 })
    expect(JSON.stringify([error.message, error.hint])).not.toContain('p4ssw0rd')
  })
})
