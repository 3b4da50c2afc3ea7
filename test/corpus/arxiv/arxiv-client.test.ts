import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/core/logging.js'
import { ArxivClient } from '../../../src/corpus/arxiv/arxiv-client.js'
import type { HostAccess } from '../../../src/corpus/hosts/client.js'
import { papersById } from '../../../src/corpus/arxiv/papers-by-id.js'
import { NOON, openTestDatabase } from '../../support/database.js'
import { startArxivServer, type ArxivServer } from '../../support/arxiv-server.js'
import type { FakePaper } from '../../support/arxiv-wire.js'

let server: ArxivServer

beforeEach(async () => {
  server = await startArxivServer(Array.from({ length: 250 }, (_, n) => paper(n)))
})
afterEach(() => server.close())

function paper(n: number): FakePaper {
  return {
    id: idOf(n),
    title: `Paper ${n}`,
    abstract: 'We do it.',
    authors: ['Ada Example'],
    categories: ['cs.CL'],
    versions: ['2024-01-01T00:00:00Z'],
  }
}

const idOf = (n: number): string => `2401.${10_000 + n}`

interface Bench {
  client: ArxivClient
  /** How long it waited, milliseconds, one after another. */
  waits: number[]
  told: string[]
  found: (ids: readonly string[]) => Promise<{ papers: string[]; unknown: string[] }>
}

/** A client whose time passes only while it waits. */
async function bench(access: Partial<HostAccess> = {}): Promise<Bench> {
  const { db } = await openTestDatabase()
  let now = NOON
  const waits: number[] = []
  const told: string[] = []
  const client = new ArxivClient({
    db,
    clock: { now: () => now },
    log: createLogger('info', (_, message) => void told.push(message)),
    userAgent: 'rpa-test/1 (nobody@example.org)',
    gapSeconds: null,
    sleep: async (ms) => {
      waits.push(ms)
      now += ms
    },
    ...access,
  })
  return {
    client,
    waits,
    told,
    found: async (ids) => {
      const all = { papers: [] as string[], unknown: [] as string[] }
      try {
        for await (const part of papersById(client, server.env.RPA_ARXIV_API_URL, ids)) {
          all.papers.push(...part.papers.map(({ arxiv_id }) => arxiv_id))
          all.unknown.push(...part.unknown)
        }
      } finally {
        await client.close()
      }
      return all
    },
  }
}

describe('papers by id', () => {
  it('come a hundred a request, from somebody with a name, three seconds apart', async () => {
    const { found, waits } = await bench({ gapSeconds: 3 })
    const ids = Array.from({ length: 250 }, (_, n) => idOf(n))
    expect(await found(ids)).toEqual({ papers: ids, unknown: [] })
    expect(server.requests.map(({ userAgent }) => userAgent)).toEqual(
      Array(3).fill('rpa-test/1 (nobody@example.org)'),
    )
    expect(waits).toEqual([3000, 3000])
  })

  it('that arXiv does not know, or takes for no id, are named, and the others come', async () => {
    const { found } = await bench()
    expect(await found([idOf(1), '2412.99999', '0000.00001', idOf(2)])).toEqual({
      papers: [idOf(1), idOf(2)],
      unknown: ['0000.00001', '2412.99999'],
    })
    expect(await (await bench()).found(['2412.99999'])).toEqual({ papers: [], unknown: ['2412.99999'] })
  })

  it.each<[string, ArxivServer['faults'][number], number]>([
    ['cut off', 'cut', 2],
    ['short', 'short', 2],
    ['empty', 'empty', 2],
    ['a page for robots', 'html', 2],
    ['an error of the server', { status: 500 }, 2],
    ['packed', 'packed', 1],
    ['packed and cut', 'packed, cut', 2],
    ['packed with a wrong checksum', 'packed, spoilt', 2],
  ])('an answer that is %s costs no paper', async (_, fault, requests) => {
    const { found } = await bench()
    server.faults.push(fault)
    expect(await found([idOf(1), idOf(2), idOf(3)])).toEqual({
      papers: [idOf(1), idOf(2), idOf(3)],
      unknown: [],
    })
    expect(server.requests).toHaveLength(requests)
  })
})

describe('a host that asks for patience', () => {
  it.each([
    [{ status: 503, retryAfter: 7 }, 7_000],
    [{ status: 429, retryAfter: 300 }, 300_000],
    [{ status: 429 }, 60_000],
    [{ status: 406 }, 60_000],
  ])('%o is left alone for as long as it asks', async (fault, wait) => {
    const { found, waits, told } = await bench()
    server.faults.push(fault)
    expect(await found([idOf(1)])).toEqual({ papers: [idOf(1)], unknown: [] })
    expect(waits).toEqual([wait])
    expect(told).toHaveLength(wait >= 10_000 ? 1 : 0)
  })

  it('for longer than anybody waits ends the command, which may be run again', async () => {
    const { found, waits } = await bench()
    server.faults.push({ status: 503, retryAfter: 7200 })
    await expect(found([idOf(1)])).rejects.toMatchObject({ code: 'arxiv_busy', exitCode: 75 })
    expect(waits).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  it('again and again is asked ever more seldom, then no more', async () => {
    const { found, waits } = await bench()
    server.faults.push(...Array.from({ length: 20 }, () => ({ status: 429 })))
    await expect(found([idOf(1)])).rejects.toMatchObject({ code: 'arxiv_busy', exitCode: 75 })
    expect(waits).toEqual([60_000, 300_000])
  })
})

it('says who cannot be reached, after it tried again', async () => {
  const { found } = await bench()
  await server.close()
  await expect(found([idOf(1)])).rejects.toMatchObject({
    code: 'arxiv_unreachable',
    exitCode: 69,
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ gave no metadata: ECONNREFUSED/) as string,
  })
})
