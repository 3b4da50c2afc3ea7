import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fetchPdf } from '../../../src/papers/fetch/fetch-pdf.js'
import { makePdf } from '../../support/pdf.js'
import { temporaryFolder } from '../../support/temp.js'
import type { Handler } from './pdf-host.js'
import { serve, sources } from './pdf-host.js'

const PDF = makePdf([[{ x: 72, y: 700, text: 'A paper' }]])

const YEAR_AGO = new Date(Date.now() - 365 * 86_400_000)

function folderWith(files: Record<string, Buffer | string>): string {
  const folder = temporaryFolder()
  for (const [name, body] of Object.entries(files)) writeFileSync(join(folder, name), body)
  return folder
}

function fails(code: string, more: Record<string, unknown> = {}): unknown {
  return expect.objectContaining({ code, ...more })
}

describe('local files', () => {
  it('takes the file of the id, with size and digest', async () => {
    const dir = folderWith({ 'hep-th_9901001.pdf': PDF })
    const sha256 = createHash('sha256').update(PDF).digest('hex')
    expect(await fetchPdf('hep-th/9901001', sources({ dir }))).toEqual({
      path: join(dir, 'hep-th_9901001.pdf'),
      source: 'local',
      bytes: PDF.length,
      sha256,
    })
  })

  it('waits for a file that somebody is copying, and takes one that nobody writes to as it is', async () => {
    const half = PDF.subarray(0, PDF.length / 2)
    const dir = folderWith({ '2401.01234.pdf': half, '2401.01235.pdf': half })
    const path = join(dir, '2401.01234.pdf')
    const copying = setInterval(() => utimesSync(path, new Date(), new Date()), 50)
    const debug = (): void => {
      clearInterval(copying)
      appendFileSync(path, PDF.subarray(PDF.length / 2))
    }
    utimesSync(path, new Date(), new Date())
    expect((await fetchPdf('2401.01234', { ...sources({ dir }), debug })).bytes).toBe(PDF.length)
    utimesSync(join(dir, '2401.01235.pdf'), new Date(), YEAR_AGO)
    const as = { ...sources({ dir }), debug: () => expect.unreachable('it is whole, or nobody writes to it') }
    expect((await fetchPdf('2401.01235', as)).bytes).toBe(half.length)
    expect((await fetchPdf('2401.01234', as)).bytes).toBe(PDF.length)
  })

  it('takes the newest version where the plain name is missing', async () => {
    const dir = folderWith({ '2401.01234v2.pdf': PDF, '2401.01234v10.pdf': PDF, '2401.01234v1.pdf': PDF })
    expect((await fetchPdf('2401.01234', sources({ dir }))).path).toBe(join(dir, '2401.01234v10.pdf'))
    expect((await fetchPdf('2401.01234v2', sources({ dir }))).path).toBe(join(dir, '2401.01234v2.pdf'))
    await expect(fetchPdf('2401.01234v3', sources({ dir, order: ['local', 'cache'] }))).rejects.toThrow(
      fails('pdf_not_found'),
    )
  })

  it.each([
    ['pdf_empty', Buffer.alloc(0)],
    ['pdf_is_html', '<!DOCTYPE html><html><body>captcha</body></html>'],
    ['pdf_not_a_pdf', gzipSync(PDF)],
    ['pdf_too_large', Buffer.concat([PDF, Buffer.alloc(1_000_000)])],
  ])('checks it: %s', async (code, body) => {
    const dir = folderWith({ '2401.01234.pdf': body })
    await expect(fetchPdf('2401.01234', sources({ dir }))).rejects.toThrow(fails(code))
  })

  it('refuses ids that lead out of the folder', async () => {
    await expect(fetchPdf('../../2401.01234', sources())).rejects.toThrow(fails('bad_arxiv_id'))
  })

  it('says that downloads are off where nothing is found', async () => {
    const order = ['local', 'cache'] as const
    await expect(fetchPdf('2401.01234', sources({ order }))).rejects.toThrow(
      fails('pdf_not_found', { message: expect.stringContaining('switched off') as string }),
    )
  })
})

describe('downloads', () => {
  it('stores the file once and finds it in the cache from then on', async () => {
    const { origin, requests } = await serve((_request, response) => response.end(PDF))
    const from = sources({ urlTemplate: `${origin}/pdf/{arxiv_id}` })
    const first = await fetchPdf('math.GT/0309136', from)
    expect(first.source).toBe('download')
    expect(readFileSync(first.path).equals(PDF)).toBe(true)
    expect(requests[0]?.url).toBe('/pdf/math.GT/0309136')
    expect(requests[0]?.headers['user-agent']).toBe(from.userAgent)
    expect(await fetchPdf('math.GT/0309136', from)).toEqual({ ...first, source: 'cache', host: undefined })
    expect(requests).toHaveLength(1)
    expect(readdirSync(from.cacheDir)).toEqual(['math.GT_0309136.pdf'])
  })

  it('throws a spoilt file of the cache away and loads it again', async () => {
    const { origin } = await serve((_request, response) => response.end(PDF))
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    mkdirSync(from.cacheDir)
    writeFileSync(join(from.cacheDir, '2401.01234.pdf'), '<html>try later</html>')
    expect((await fetchPdf('2401.01234', from)).source).toBe('download')
  })

  const failures: [string, Handler, Record<string, unknown>][] = [
    ['pdf_not_found', (_q, r) => r.writeHead(404).end(), {}],
    ['pdf_not_found', (_q, r) => r.writeHead(410).end(), {}],
    ['pdf_not_found', (_q, r) => r.writeHead(404).end('<p>Article identifier not recognized</p>'), {}],
    ['pdf_is_html', (_q, r) => r.writeHead(404).end('<h1>File unavailable for 2401.01234</h1>'), {}],
    [
      'pdf_is_html',
      (_q, r) =>
        r.writeHead(404).end('<title>PDF unavailable</title> Our system has failed to produce PDF for it'),
      {},
    ],
    [
      'pdf_withdrawn',
      (_q, r) =>
        r.writeHead(404).end('<h1>PDF unavailable</h1> This paper has been withdrawn by its authors'),
      {},
    ],
    [
      'pdf_rate_limited',
      (_q, r) => r.writeHead(429, { 'retry-after': '37' }).end(),
      { message: expect.stringContaining('Retry-After: 37') as string },
    ],
    ['pdf_rate_limited', (_q, r) => r.writeHead(503).end(), {}],
    ['pdf_download_failed', (_q, r) => r.writeHead(500).end(), {}],
    ['pdf_is_html', (_q, r) => r.end(`<html><body>${'x'.repeat(5000)}</body></html>`), {}],
    ['pdf_empty', (_q, r) => r.end(), {}],
    ['pdf_not_a_pdf', (_q, r) => r.end(gzipSync(PDF)), {}],
    ['pdf_too_large', (_q, r) => r.end(Buffer.concat([PDF, Buffer.alloc(1_000_001)])), {}],
    [
      'pdf_download_failed',
      (_q, r) =>
        r.writeHead(200, { 'content-length': '99999' }).write(PDF.subarray(0, 500), () => r.destroy()),
      {},
    ],
    ['pdf_download_failed', (_q, r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(), {}],
    ['pdf_download_failed', (q, r) => r.writeHead(302, { location: `${q.url}x` }).end(), {}],
  ]
  it.each(failures)('fails with %s and leaves nothing behind', async (code, handler, more) => {
    const { origin } = await serve(handler)
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf('2401.01234', from)).rejects.toThrow(fails(code, more))
    expect(existsSync(from.cacheDir) ? readdirSync(from.cacheDir) : []).toEqual([])
  })

  it('leaves it to the reader whether a file without its last line is whole', async () => {
    const bytes = PDF.subarray(0, PDF.lastIndexOf('startxref'))
    const { origin } = await serve((_request, response) => response.end(bytes))
    const { path } = await fetchPdf('2401.01234', sources({ urlTemplate: `${origin}/{arxiv_id}` }))
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('ends a body that grows beyond the limit without a length', async () => {
    const { origin } = await serve((_request, response) => {
      response.write(PDF)
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf('2401.01234', from)).rejects.toThrow(fails('pdf_too_large'))
    expect(readdirSync(from.cacheDir)).toEqual([])
  })

  it('unpacks what a server packs unasked, within the limit, and notices where that was cut', async () => {
    const packed: Record<string, Buffer> = {
      '/2401.00001': gzipSync(PDF),
      '/2401.00002': gzipSync(PDF).subarray(0, -9),
      '/2401.00003': gzipSync(Buffer.concat([PDF, Buffer.alloc(20_000_000)])),
      '/2401.00004': PDF,
    }
    const { origin } = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed[request.url!]!.length })
      response.end(packed[request.url!])
    })
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    const { path } = await fetchPdf('2401.00001', from)
    expect(readFileSync(path)).toEqual(PDF)
    await expect(fetchPdf('2401.00002', from)).rejects.toThrow(fails('pdf_download_failed'))
    await expect(fetchPdf('2401.00003', from)).rejects.toThrow(fails('pdf_too_large'))
    await expect(fetchPdf('2401.00004', from)).rejects.toThrow(fails('pdf_download_failed'))
    expect(readdirSync(from.cacheDir)).toEqual(['2401.00001.pdf'])
  })

  it('follows redirects', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/2401.01234') response.writeHead(301, { location: '/real.pdf' }).end()
      else response.end(PDF)
    })
    expect((await fetchPdf('2401.01234', sources({ urlTemplate: `${origin}/{arxiv_id}` }))).bytes).toBe(
      PDF.length,
    )
  })

  it('gives up at the deadline while the server drips', async () => {
    const { origin } = await serve((_request, response) => {
      response.write(PDF)
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, timeoutMs: 200 })
    await expect(fetchPdf('2401.01234', from)).rejects.toThrow(
      fails('pdf_download_failed', { message: expect.stringContaining('0.2 s') as string }),
    )
    expect(readdirSync(from.cacheDir)).toEqual([])
  })

  it('stops when the caller aborts', async () => {
    const controller = new AbortController()
    const { origin } = await serve((_request, response) => {
      response.write(PDF)
      controller.abort(new Error('stopped by the user'))
    })
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf('2401.01234', from, { signal: controller.signal })).rejects.toThrow(
      'stopped by the user',
    )
  })

  it('tells a refused connection apart', async () => {
    const from = sources({ urlTemplate: 'http://127.0.0.1:1/{arxiv_id}' })
    await expect(fetchPdf('2401.01234', from)).rejects.toThrow(fails('pdf_source_unreachable'))
  })

  it.each(['file:///tmp/{arxiv_id}', 'ftp://example.org/{arxiv_id}', 'no url'])(
    'refuses %s',
    async (urlTemplate) => {
      await expect(fetchPdf('2401.01234', sources({ urlTemplate }))).rejects.toThrow(fails('bad_pdf_url'))
    },
  )

  it('names the path that cannot be written', async () => {
    const { origin } = await serve((_request, response) => response.end(PDF))
    const cacheDir = join(folderWith({ file: 'in the way' }), 'file')
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}`, cacheDir })
    await expect(fetchPdf('2401.01234', from)).rejects.toThrow(
      fails('data_folder', { message: expect.stringContaining(cacheDir) as string }),
    )
  })
})
