import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/core/errors.js'
import { beginRequest, bookRequest, endRequest, holdRequests } from '../../../src/db/hosts/request-gate.js'
import { fetchPdf } from '../../../src/papers/fetch/fetch-pdf.js'
import { retryAfterMs } from '../../../src/http/retry-after.js'
import type { RequestGate } from '../../../src/papers/fetch/host-turn.js'
import { SourceBusyError } from '../../../src/papers/fetch/host-turn.js'
import { isWithdrawnNotice } from '../../../src/text/withdrawal.js'
import { NOON, openTestDatabase } from '../../support/database.js'
import { makePdf } from '../../support/pdf.js'
import { temporaryFolder } from '../../support/temp.js'
import { serve, sources } from './pdf-host.js'

const ID = '2401.01234'
const PDF = makePdf([[{ x: 72, y: 700, text: 'A paper' }]])
const NEW_PDF = makePdf([[{ x: 72, y: 700, text: 'Its second version' }]])
const YEAR_AGO = new Date(Date.now() - 365 * 86_400_000)

function fails(code: string, more: Record<string, unknown> = {}): unknown {
  return expect.objectContaining({ code, ...more })
}

describe('the order of sources', () => {
  it('is the one that is set: the cache may come first, the local folder may be left out', async () => {
    const dir = temporaryFolder()
    const cacheDir = temporaryFolder()
    for (const folder of [dir, cacheDir]) writeFileSync(join(folder, `${ID}.pdf`), PDF)
    const from = (order: ('local' | 'cache' | 'arxiv')[]): Promise<string> =>
      fetchPdf(ID, sources({ dir, cacheDir, order })).then(({ path }) => path)
    expect(await from(['local', 'cache'])).toBe(join(dir, `${ID}.pdf`))
    expect(await from(['cache', 'local'])).toBe(join(cacheDir, `${ID}.pdf`))
    expect(await from(['cache'])).toBe(join(cacheDir, `${ID}.pdf`))
  })

  it('with arXiv first falls back to the folder when arXiv has nothing, and says what arXiv said when none has', async () => {
    const { origin } = await serve((_request, response) => response.writeHead(500).end())
    const dir = temporaryFolder()
    writeFileSync(join(dir, `${ID}.pdf`), PDF)
    const from = sources({ dir, order: ['arxiv', 'local'], urlTemplate: `${origin}/{arxiv_id}` })
    expect((await fetchPdf(ID, from)).source).toBe('local')
    await expect(fetchPdf('2401.09999', from)).rejects.toThrow(fails('pdf_download_failed'))
  })
})

describe('a redirect', () => {
  it('to a host that is not allowed is not followed, on any hop', async () => {
    const inside = await serve((_request, response) => response.end(PDF))
    const { origin } = await serve((request, response) => {
      const location = request.url === `/${ID}` ? '/second' : `${inside.origin}/secret`
      response.writeHead(302, { location }).end()
    })
    const { host } = new URL(origin)
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, hosts: [host] })
    await expect(fetchPdf(ID, from)).rejects.toThrow(
      fails('pdf_host_forbidden', {
        message: expect.stringContaining(new URL(inside.origin).host) as string,
      }),
    )
    expect(inside.requests).toEqual([])
    const both = { ...from, hosts: [host, new URL(inside.origin).host] }
    expect((await fetchPdf(ID, both)).source).toBe('download')
  })

  it.each(['http://localhost:99/', 'http://169.254.169.254/latest', 'http://127.0.0.1.evil.example/'])(
    'to %s is refused',
    async (location) => {
      const { origin } = await serve((_request, response) => response.writeHead(302, { location }).end())
      const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, hosts: ['127.0.0.1', '*.arxiv.org'] })
      await expect(fetchPdf(ID, from)).rejects.toThrow(fails('pdf_host_forbidden'))
    },
  )
})

it('a PDF URL of a host that is not allowed is a fault of the configuration', async () => {
  const from = sources({ urlTemplate: 'http://example.org/{arxiv_id}', hosts: ['arxiv.org', '*.arxiv.org'] })
  const error: unknown = await fetchPdf(ID, from).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConfigError)
  expect(error).toMatchObject({ code: 'pdf_host_forbidden' })
})

it('credentials of the PDF URL are sent to its host, and shown nowhere', async () => {
  const { origin, requests } = await serve((_request, response) =>
    requests.length === 1 ? response.writeHead(500).end() : response.writeHead(200, { etag: '"1"' }).end(PDF),
  )
  const { host } = new URL(origin)
  const from = sources({ urlTemplate: `http://jane:s3cret@${host}/{arxiv_id}?token=t0ken` })
  const error: unknown = await fetchPdf(ID, from).catch((thrown: unknown) => thrown)
  expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('jane:s3cret').toString('base64')}`)
  expect(String(error)).toContain(`http://${host}/${ID}`)
  expect(String(error)).not.toMatch(/s3cret|t0ken/)
  await fetchPdf(ID, from)
  expect(readFileSync(join(from.cacheDir, `${ID}.pdf.json`), 'utf8')).not.toMatch(/s3cret|t0ken/)
})

describe('a withdrawn paper', () => {
  const PAGE = `<!DOCTYPE html><html><head><style>${'x{}'.repeat(2000)}</style></head><body><h1>PDF unavailable</h1>
    <p>This paper has been\n <b>withdrawn</b> by Jane Doe</p></body></html>`
  it.each([200, 404])('is recognised by the page that comes with status %s', async (status) => {
    const { origin } = await serve((_request, response) => response.writeHead(status).end(PAGE))
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from)).rejects.toThrow(fails('pdf_withdrawn'))
    expect(existsSync(join(from.cacheDir, `${ID}.pdf`))).toBe(false)
  })

  it('whose metadata say so is not looked for on arXiv, but taken from the folder', async () => {
    const { origin, requests } = await serve((_request, response) => response.end(PDF))
    const dir = temporaryFolder()
    const from = sources({ dir, urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from, { withdrawn: true })).rejects.toThrow(fails('pdf_withdrawn'))
    expect(requests).toEqual([])
    writeFileSync(join(dir, `${ID}.pdf`), PDF)
    expect((await fetchPdf(ID, from, { withdrawn: true })).source).toBe('local')
  })

  it.each<[boolean, string, string]>([
    [true, 'On waves', '  This paper has been withdrawn by the authors.\n'],
    [true, 'On waves', 'This article has been\nwithdrawn because it has been merged with another'],
    [true, 'On waves', 'paper withdrawn due to the possible error'],
    [true, 'On waves', 'Withdrawn by arXiv administration.'],
    [true, 'On waves', 'This paper has been removed by arXiv administrators because'],
    [true, 'On waves (withdrawn)', 'We study waves.'],
    [true, 'This paper has been withdrawn', ''],
    [false, 'On waves', 'Withdrawn behaviour of mice is studied.'],
    [false, 'Withdrawn patients', 'We study why an offer has been withdrawn by sellers.'],
    [
      false,
      'On retracted work',
      'Papers that have been withdrawn are still cited. This paper has been revised.',
    ],
  ])('%s: "%s", "%s"', (expected, title, abstract) => {
    expect(isWithdrawnNotice(title, abstract)).toBe(expected)
  })
})

describe('a cached file', () => {
  /** Answers 304 to whoever knows the current version. */
  async function host() {
    const state = { pdf: PDF, etag: '"one"', status: 200 }
    const served = await serve((request, response) => {
      if (state.status !== 200) response.writeHead(state.status).end()
      else if (request.headers['if-none-match'] === state.etag) response.writeHead(304).end()
      else response.writeHead(200, { etag: state.etag }).end(state.pdf)
    })
    return { state, ...served, from: sources({ urlTemplate: `${served.origin}/{arxiv_id}` }) }
  }
  function age(folder: string, id: string): void {
    utimesSync(join(folder, `${id}.pdf`), YEAR_AGO, YEAR_AGO)
  }

  it('of an id without version is asked for again after a month, and loaded only if it has changed', async () => {
    const { state, requests, from } = await host()
    const first = await fetchPdf(ID, from)
    await fetchPdf(ID, from)
    expect(requests).toHaveLength(1)

    age(from.cacheDir, ID)
    expect(await fetchPdf(ID, from)).toEqual({ ...first, source: 'cache', host: undefined })
    expect(requests).toHaveLength(2)
    await fetchPdf(ID, from)
    expect(requests).toHaveLength(2)

    age(from.cacheDir, ID)
    Object.assign(state, { pdf: NEW_PDF, etag: '"two"' })
    expect(await fetchPdf(ID, from)).toMatchObject({ source: 'download', bytes: NEW_PDF.length })
    expect(readFileSync(first.path).equals(NEW_PDF)).toBe(true)
    age(from.cacheDir, ID)
    expect((await fetchPdf(ID, from)).source).toBe('cache')
    expect(requests.at(-1)?.headers['if-none-match']).toBe('"two"')
  })

  it.each([500, 404, 429])('is kept when asking ends in %s', async (status) => {
    const { state, from } = await host()
    const notes: string[] = []
    const noting = { ...from, debug: (message: string) => void notes.push(message) }
    await fetchPdf(ID, noting)
    age(from.cacheDir, ID)
    state.status = status
    expect((await fetchPdf(ID, noting)).source).toBe('cache')
    expect(notes).toEqual([expect.stringContaining(ID)])
  })

  it('of a version never changes, and without downloads nobody asks', async () => {
    const { requests, from } = await host()
    await fetchPdf(`${ID}v2`, from)
    age(from.cacheDir, `${ID}v2`)
    expect((await fetchPdf(`${ID}v2`, from)).source).toBe('cache')
    writeFileSync(join(from.cacheDir, `${ID}.pdf`), PDF)
    age(from.cacheDir, ID)
    expect((await fetchPdf(ID, { ...from, order: ['cache'] })).source).toBe('cache')
    expect(requests).toHaveLength(1)
  })

  it('that somebody replaced is not taken for what was downloaded', async () => {
    const { requests, from } = await host()
    const { path } = await fetchPdf(ID, from)
    writeFileSync(path, NEW_PDF)
    age(from.cacheDir, ID)
    expect((await fetchPdf(ID, from)).source).toBe('download')
    expect(requests.at(-1)?.headers['if-none-match']).toBeUndefined()
  })

  it('that was cut is loaded again where that is allowed', async () => {
    const { from } = await host()
    mkdirSync(from.cacheDir)
    writeFileSync(join(from.cacheDir, `${ID}.pdf`), PDF.subarray(0, PDF.length / 2))
    expect((await fetchPdf(ID, { ...from, order: ['cache'] })).source).toBe('cache')
    expect((await fetchPdf(ID, from)).source).toBe('download')
  })
})

it('half-loaded files of dead processes are swept; those of the living, and of others, are not', async () => {
  const { origin } = await serve((_request, response) => response.end(PDF))
  const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
  mkdirSync(from.cacheDir)
  // No system gives away process ids as high.
  const gone = 2 ** 30
  const names = {
    dead: `.a.pdf.${gone}.0123abcd.part`,
    recent: `.b.pdf.${gone}.0123abcd.part`,
    living: `.c.pdf.${process.ppid}.0123abcd.part`,
    foreign: 'notes.part',
  }
  for (const name of Object.values(names)) writeFileSync(join(from.cacheDir, name), '%PDF-')
  const hourAgo = new Date(Date.now() - 3_600_000)
  for (const name of [names.dead, names.living]) utimesSync(join(from.cacheDir, name), hourAgo, hourAgo)
  utimesSync(join(from.cacheDir, names.foreign), YEAR_AGO, YEAR_AGO)
  await fetchPdf(ID, from)
  expect(readdirSync(from.cacheDir).sort()).toEqual(
    [names.recent, names.living, `${ID}.pdf`, names.foreign].sort(),
  )
})

describe('a host that asks for patience', () => {
  async function gate(): Promise<{ gate: RequestGate; clock: { now: number } }> {
    const { db } = await openTestDatabase()
    const clock = { now: NOON }
    return {
      clock,
      gate: {
        waits: () => () => undefined,
        now: () => clock.now,
        book: (host) => bookRequest(db, host, 0, clock.now),
        begin: (host) => beginRequest(db, host, 0, clock.now),
        hold: (host, wait) => holdRequests(db, host, wait, clock.now),
        served: (host) => endRequest(db, host, 0, clock.now),
        failed: (_host, _paper, error) => Promise.resolve(error),
      },
    }
  }

  it.each([
    ['429 with seconds', 429, { 'retry-after': '240' }, 240_000],
    ['503 with a date', 503, { 'retry-after': new Date(NOON + 600_000).toUTCString() }, 600_000],
    ['429 that says nothing', 429, {}, 60_000],
    ['503 with nonsense', 503, { 'retry-after': 'soon' }, 60_000],
  ])('is not asked again before: %s', async (_, status, headers, wait) => {
    const { gate: shared, clock } = await gate()
    const { origin, requests } = await serve((_request, response) =>
      requests.length === 1 ? response.writeHead(status, headers).end() : response.end(PDF),
    )
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, gate: shared })
    const busy: unknown = await fetchPdf(ID, from).catch((thrown: unknown) => thrown)
    expect(busy).toBeInstanceOf(SourceBusyError)
    expect(busy).toMatchObject({ code: 'pdf_rate_limited', retryAt: NOON + wait })
    clock.now = NOON + wait - 30_000
    await expect(fetchPdf('2401.05678', from)).rejects.toThrow(
      fails('pdf_rate_limited', { retryAt: NOON + wait }),
    )
    expect(requests).toHaveLength(1)
    clock.now = NOON + wait
    expect((await fetchPdf(ID, from)).source).toBe('download')
  })

  it('once it has answered is taken for patient again', async () => {
    const { gate: shared, clock } = await gate()
    const state = { status: 429 }
    const { origin } = await serve((_request, response) => response.writeHead(state.status).end(PDF))
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, gate: shared })
    const refused = async (id: string): Promise<number> => {
      const busy: unknown = await fetchPdf(id, from).catch((thrown: unknown) => thrown)
      return busy instanceof SourceBusyError ? busy.retryAt - clock.now : 0
    }
    expect(await refused('2401.00001')).toBe(60_000)
    clock.now += 60_000
    expect(await refused('2401.00001')).toBe(300_000)
    clock.now += 300_000
    state.status = 200
    await fetchPdf('2401.00002', from)
    state.status = 429
    expect(await refused('2401.00001')).toBe(60_000)
  })

  it('is waited for no longer when the caller aborts', async () => {
    const { gate: shared, clock } = await gate()
    await shared.hold('127.0.0.1', 9000)
    const { origin, requests } = await serve((_request, response) => response.end(PDF))
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, gate: shared })
    const controller = new AbortController()
    const booked: RequestGate = {
      ...shared,
      book: async (host) => {
        const turn = await shared.book(host)
        expect(turn).toEqual({ state: 'wait', at: clock.now + 9000 })
        controller.abort(new Error('stopped by the user'))
        return turn
      },
    }
    const fetched = fetchPdf(ID, { ...from, gate: booked }, { signal: controller.signal })
    await expect(fetched).rejects.toThrow('stopped by the user')
    expect(requests).toEqual([])
  })

  it('does not keep back what is here already', async () => {
    const { gate: shared } = await gate()
    await shared.hold('127.0.0.1', null)
    const from = sources({ gate: shared })
    mkdirSync(from.cacheDir)
    writeFileSync(join(from.cacheDir, `${ID}.pdf`), PDF)
    expect((await fetchPdf(ID, from)).source).toBe('cache')
  })

  it.each([
    ['120', 120_000],
    ['0', null],
    [new Date(NOON - 5000).toUTCString(), null],
    ['1 minute', null],
    [undefined, null],
  ])('Retry-After: %s', (header, expected) => {
    expect(retryAfterMs(header, NOON)).toBe(expected)
  })
})
