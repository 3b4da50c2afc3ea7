import { readFileSync } from 'node:fs'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fetchPdf } from '../../../src/papers/fetch/fetch-pdf.js'
import { makePdf } from '../../support/pdf.js'
import { serve, sources } from './pdf-host.js'

const ID = '2401.01234'
const PDF = makePdf([[{ x: 72, y: 700, text: 'A paper' }]])
const BOMB = Buffer.concat([PDF, Buffer.alloc(20_000_000)])

const CODINGS: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['Deflate', deflateRawSync],
  ['deflate, br', (bytes) => brotliCompressSync(deflateSync(bytes))],
  ['identity', (bytes) => bytes],
  // A name that is nobody's coding, but every object's member.
  ['constructor', (bytes) => bytes],
]

describe('a body that was packed unasked', () => {
  it.each(CODINGS)('as %s is stored unpacked', async (coding, pack) => {
    const packed = pack(PDF)
    const headers = { 'content-encoding': coding, 'content-length': packed.length }
    const { origin } = await serve((_request, response) => response.writeHead(200, headers).end(packed))
    const { path, bytes } = await fetchPdf(ID, sources({ urlTemplate: `${origin}/{arxiv_id}` }))
    expect(readFileSync(path).equals(PDF)).toBe(true)
    expect(bytes).toBe(PDF.length)
  })

  it.each(CODINGS.slice(0, 5))('as %s is cut off where it grows too large', async (coding, pack) => {
    const packed = pack(BOMB)
    const headers = { 'content-encoding': coding }
    const { origin } = await serve((_request, response) => response.writeHead(200, headers).end(packed))
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from)).rejects.toMatchObject({ code: 'pdf_too_large' })
  })

  it.each(CODINGS.slice(0, 5))('as %s that breaks off is no PDF', async (coding, pack) => {
    const packed = pack(PDF)
    const headers = { 'content-encoding': coding }
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, headers).end(packed.subarray(0, packed.length / 2)),
    )
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from)).rejects.toMatchObject({ code: 'pdf_download_failed' })
  })
})

describe('a part that was not asked for', () => {
  it('is taken where it is all there is', async () => {
    const range = { 'content-range': `bytes 0-${PDF.length - 1}/${PDF.length}` }
    const { origin, requests } = await serve((_request, response) => response.writeHead(206, range).end(PDF))
    const { bytes } = await fetchPdf(ID, sources({ urlTemplate: `${origin}/{arxiv_id}` }))
    expect([bytes, requests.length]).toEqual([PDF.length, 1])
  })

  it.each([{ 'content-range': `bytes 0-99/${PDF.length}` }, { 'content-range': 'bytes 0-99/*' }, {}])(
    'is fetched once more otherwise: %j',
    async (range) => {
      const { origin, requests } = await serve((_request, response) =>
        requests.length === 1 ? response.writeHead(206, range).end(PDF.subarray(0, 100)) : response.end(PDF),
      )
      const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
      expect((await fetchPdf(ID, from)).bytes).toBe(PDF.length)
      expect(requests[1]?.headers['cache-control']).toBe('no-cache')
    },
  )

  it('is taken where the host says twice that it does not know how much there is', async () => {
    const range = { 'content-range': `bytes 0-${PDF.length - 1}/*` }
    const { origin, requests } = await serve((_request, response) => response.writeHead(206, range).end(PDF))
    const { bytes } = await fetchPdf(ID, sources({ urlTemplate: `${origin}/{arxiv_id}` }))
    expect([bytes, requests.length]).toEqual([PDF.length, 2])
  })

  it('that comes again is a cut file', async () => {
    const { origin, requests } = await serve((_request, response) =>
      response.writeHead(206, { 'content-range': `bytes 0-99/${PDF.length}` }).end(PDF.subarray(0, 100)),
    )
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    await expect(fetchPdf(ID, from)).rejects.toMatchObject({ code: 'pdf_corrupt' })
    expect(requests).toHaveLength(2)
  })
})

describe('a file with its end', () => {
  it.each([{ 'content-length': String(PDF.length + 2000) }, { 'transfer-encoding': 'chunked' }])(
    'is whole though its connection breaks behind it: %j',
    async (headers) => {
      const { origin, requests } = await serve((_request, response) =>
        // Not before it was read: what a socket holds when it is destroyed is lost.
        response.writeHead(200, headers).write(PDF, () => setTimeout(() => response.destroy(), 100)),
      )
      expect((await fetchPdf(ID, sources({ urlTemplate: `${origin}/{arxiv_id}` }))).bytes).toBe(PDF.length)
      expect(requests).toHaveLength(1)
    },
  )
})

describe('a cookie set on the way', () => {
  it('comes back to the host that set it, within that download', async () => {
    const { origin, requests } = await serve((request, response) => {
      const seen = request.headers.cookie ?? ''
      if (seen.includes('seen=1')) response.end(PDF)
      else
        response
          .writeHead(302, {
            location: request.url,
            'set-cookie': ['seen=1; Path=/; HttpOnly', 'safe=2; Secure', 'old=3; Max-Age=0', 'nonsense'],
          })
          .end()
    })
    const from = sources({ urlTemplate: `${origin}/{arxiv_id}` })
    expect((await fetchPdf(ID, from)).source).toBe('download')
    expect(requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'seen=1'])
    await fetchPdf('2401.05678', from)
    expect(requests[2]?.headers.cookie).toBeUndefined()
  })

  it('is shown to no other host', async () => {
    const other = await serve((_request, response) => response.end(PDF))
    const { origin } = await serve((_request, response) =>
      response
        .writeHead(302, { location: `${other.origin}/file`, 'set-cookie': 'key=1; Domain=127.0.0.1' })
        .end(),
    )
    await fetchPdf(ID, sources({ urlTemplate: `${origin}/{arxiv_id}` }))
    expect(other.requests.map(({ headers }) => headers.cookie)).toEqual([undefined])
  })
})
