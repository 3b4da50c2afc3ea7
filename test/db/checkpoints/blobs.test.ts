import { createHash, randomUUID } from 'node:crypto'
import fc from '../../support/properties.js'
import { describe, expect, it } from 'vitest'
import { loadJson, storeJson } from '../../../src/db/checkpoints/blobs.js'
import { textOf } from '../../../src/db/checkpoints/packed-texts.js'
import { DamageError } from '../../../src/db/checkpoints/damage.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { addPapers, dump, openRaw, openTestDatabase } from '../../support/database.js'

const LONG = 'The method is described in Section 3. '.repeat(500)

async function roundTrip(db: Db, value: unknown): Promise<unknown> {
  return loadJson(db, await storeJson(db, value), 'none')
}

describe('a stored document', () => {
  it('holds a reference instead of a long string, and the string once, compressed', async () => {
    const { db, path } = await openTestDatabase()
    const first = await storeJson(db, { text: LONG, step: 1 })
    const second = await storeJson(db, { nested: [{ again: LONG }], step: 2 })
    const hash = createHash('sha256').update(LONG).digest('hex')
    expect(first).toMatch(/^\{"\$crc":"[0-9a-f]{8}",/)
    expect(JSON.parse(first)).toMatchObject({ text: { $blob: hash }, step: 1 })
    expect(second).toContain(hash)
    const blobs = dump(path).rows['blobs'] as { hash: string; codec: string; size: number; data: Buffer }[]
    expect(blobs).toMatchObject([{ hash, codec: 'deflate', size: LONG.length }])
    expect(blobs[0]?.data.length).toBeLessThan(LONG.length / 10)
  })

  it('keeps what does not get smaller as it is', async () => {
    const { db, path } = await openTestDatabase()
    let noise = ''
    // Every code unit of the basic plane once: deflate makes nothing of it.
    for (let code = 0; code < 5000; code += 1) noise += String.fromCharCode(0x4e00 + ((code * 7919) % 20_000))
    expect(await roundTrip(db, { noise })).toEqual({ noise })
    const [blob] = dump(path).rows['blobs'] as { codec: string; size: number; data: Buffer }[]
    expect(blob?.size).toBe(15_000)
    expect(blob?.data.length).toBeLessThanOrEqual(15_000)
  })

  it('leaves the value it was given unchanged', async () => {
    const { db } = await openTestDatabase()
    const value = { text: LONG, list: [LONG, { $blob: 'x' }] }
    const copy = structuredClone(value)
    await storeJson(db, value)
    expect(value).toEqual(copy)
  })

  it.each<[string, unknown]>([
    ['an object that looks like a reference', { $blob: 'a'.repeat(64) }],
    ['an object that looks like an escape', { $literal: [['a', 1]] }],
    ['both, nested, with long text in them', { $literal: { $blob: { $literal: LONG }, $blob2: [LONG] } }],
    ['references as values of odd types', { a: { $blob: 5 }, b: { $blob: null }, c: { $literal: 'x' } }],
    ['text that mentions the markers', { text: 'see "$blob" and "$literal"', long: `"$blob" ${LONG}` }],
    ['emoji across the limit', { text: `${'😀'.repeat(4000)}` }],
    ['exactly the limit and one more', { at: 'x'.repeat(1536), over: 'x'.repeat(1537) }],
    ['a short lone surrogate', { text: 'a\ud800b', key: { '\udc00': 1 } }],
    ['a long text with a lone surrogate', { text: `${LONG}\ud800${LONG}`, other: `${LONG}\udbff${LONG}` }],
    ['control characters and NUL', { text: `\u0000\u0001\u2028${LONG}\u0000` }],
    ['empty things', { a: '', b: [], c: {}, d: null, '': '' }],
    ['a bare string', LONG],
    ['a bare null', null],
    ['keys that mean something to JavaScript', JSON.parse('{"__proto__": {"x": 1}, "constructor": [1]}')],
  ])('comes back as it went: %s', async (_, value) => {
    const { db } = await openTestDatabase()
    const back = await roundTrip(db, value)
    expect(JSON.stringify(back)).toBe(JSON.stringify(value))
    expect(back).toEqual(value)
  })

  it('comes back as it went, whatever JSON it is', async () => {
    const { db } = await openTestDatabase()
    const key = fc.oneof(fc.constantFrom('$blob', '$literal', 'text'), fc.string({ maxLength: 5 }))
    const leaf = fc.oneof(
      fc.jsonValue({ maxDepth: 0 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).map((part) => part.repeat(4097)),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        expect(JSON.stringify(await roundTrip(db, value))).toBe(JSON.stringify(value))
      }),
      { numRuns: 300 },
    )
  })

  it('is not in the DB when its transaction is rolled back, and is written again by the next one', async () => {
    const { db, path } = await openTestDatabase()
    const failing = db.transaction().execute(async (trx) => {
      await storeJson(trx, { LONG })
      throw new Error('something else failed')
    })
    await expect(failing).rejects.toThrow('something else failed')
    expect(dump(path).rows['blobs']).toEqual([])
    expect(await roundTrip(db, { LONG })).toEqual({ LONG })
  })
})

describe('damage', () => {
  /** Stores a document that belongs to a paper, and reads it as a process that has not read it before. */
  async function stored(): Promise<{
    db: Db
    path: string
    text: string
    executionId: string
    long: string
  }> {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { execution_id: executionId } = await db
      .selectFrom('executions')
      .selectAll()
      .executeTakeFirstOrThrow()
    const long = `${randomUUID()} ${LONG}`
    return {
      db,
      path,
      executionId,
      long,
      text: await storeJson(db, { long, list: [1, 'two'], short: 'kept' }),
    }
  }

  const corrupt = { code: 'db_corrupt', message: expect.stringContaining('2401.00001') as string }

  it('a text that was lost names the paper, also where a child of it wrote the document', async () => {
    const { db, text, executionId } = await stored()
    await db.deleteFrom('blobs').execute()
    await expect(loadJson(db, text, executionId)).rejects.toMatchObject(corrupt)
    await expect(loadJson(db, text, `${executionId}.ask_why`)).rejects.toMatchObject(corrupt)
  })

  it('a text with a flipped bit is refused, or still the same', async () => {
    const { db, path, text, executionId, long } = await stored()
    const raw = openRaw(path)
    const row = await db.selectFrom('blobs').selectAll().executeTakeFirstOrThrow()
    const data = Buffer.from(row.data)
    const refused: number[] = []
    for (let bit = 0; bit < data.length * 8; bit += 1) {
      try {
        // Some bits at the end of a deflated text mean nothing.
        expect(textOf({ ...row, data: flipped(data, bit) }) === long, `bit ${bit}`).toBe(true)
      } catch (error) {
        expect(error, `bit ${bit}`).toBeInstanceOf(DamageError)
        refused.push(bit)
      }
    }
    expect(refused.length).toBeGreaterThan(data.length * 8 - 16)
    for (const change of [{ size: row.size + 1 }, { codec: 'raw' }, { size: -1 }, { hash: 'a'.repeat(64) }])
      expect(() => textOf({ ...row, ...change } as typeof row), JSON.stringify(change)).toThrow(DamageError)
    raw.prepare('update blobs set data = ?').run(flipped(data, refused.at(-1) ?? 0))
    await expect(loadJson(db, text, executionId)).rejects.toMatchObject(corrupt)
    raw.prepare('update blobs set data = ?').run(data)
    expect(await loadJson(db, text, executionId)).toMatchObject({ long, short: 'kept' })
  })

  it('any flipped bit of a document is found, and none makes it one without a checksum', async () => {
    const { db, text, executionId } = await stored()
    const bytes = Buffer.from(text)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      await expect(loadJson(db, flipped(bytes, bit), executionId), `bit ${bit}`).rejects.toMatchObject(
        corrupt,
      )
    }
  })

  it('of what another program wrote without a checksum is its own affair', async () => {
    const { db, executionId } = await stored()
    await expect(loadJson(db, '{"key_outcome": "cut', executionId)).rejects.toThrow(SyntaxError)
    expect(await loadJson(db, '{"key_outcome": "whole"}', executionId)).toEqual({ key_outcome: 'whole' })
  })
})

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
