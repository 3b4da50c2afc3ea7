import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { PaperError } from '../../src/core/errors.js'
import { PdfExtractor } from '../../src/papers/extractor.js'
import type { ExtractLimits } from '../../src/papers/types.js'
import {
  bomb,
  crowded,
  deeplyNested,
  deepPageTree,
  endless,
  pageTreeLoop,
  rightToLeft,
  withoutUnicodeMap,
  wrongOffsets,
} from '../support/bad-pdfs.js'
import { lines, makePdf, wrap } from '../support/pdf.js'
import { temporaryFolder } from '../support/temp.js'
import { buildExtractWorker, type BuiltWorker } from '../support/worker.js'

const SENTENCE =
  'A lease bounds the time for which a crash of one worker blocks a job for all of the others. '
const GOOD = makePdf([lines(wrap(SENTENCE.repeat(9), 70), { x: 72, y: 700 })])
const LIMITS: ExtractLimits = { maxBytes: 20_000_000, maxPages: 400, timeoutMs: 120_000 }

let built: BuiltWorker
beforeAll(async () => {
  built = await buildExtractWorker()
})
afterAll(() => built.remove())

function extractor(limits: Partial<ExtractLimits> = {}, workers = 1): PdfExtractor {
  const pool = new PdfExtractor({ workers, limits: { ...LIMITS, ...limits }, workerUrl: built.url })
  onTestFinished(() => pool.close())
  return pool
}

function file(body: Buffer | string, name = 'paper.pdf'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, body)
  return path
}

/** Returns code and message of the document's failure. */
async function failure(pool: PdfExtractor, body: Buffer | string): Promise<string> {
  try {
    const paper = await pool.extract(file(body))
    return `read: ${paper.text.slice(0, 200)}`
  } catch (error) {
    const { code, message } = error as PaperError
    return `${code}: ${message}`
  }
}

describe('a bad PDF', () => {
  const manyPages = makePdf(Array.from({ length: 500 }, () => [{ x: 72, y: 700, text: SENTENCE }]))
  const refused: [string, Buffer | string, string][] = [
    ['no bytes', '', 'pdf_empty: paper.pdf is empty'],
    [
      'a page of a web server',
      '<html><title>Not found</title></html>',
      'pdf_is_html: paper.pdf is an HTML page, not a PDF',
    ],
    [
      'a document cut in the middle',
      GOOD.subarray(0, 400),
      'pdf_corrupt: paper.pdf is damaged or cut off: its structure cannot be read',
    ],
    ['500 pages', manyPages, 'pdf_too_many_pages: paper.pdf has 500 pages, more than the limit of 400'],
    [
      'a scan that bears the stamp of its library, with a cover',
      makePdf(
        Array.from({ length: 9 }, (_, page) => [
          ...(page === 0 ? [{ x: 72, y: 700, text: SENTENCE }] : []),
          {
            x: 72,
            y: 30,
            size: 8,
            text: 'Downloaded from https://library.example.org/leases on 12 March 2020',
          },
        ]),
      ),
      'pdf_no_text: paper.pdf holds almost no text (71 characters on 9 pages)',
    ],
    [
      'more bytes than the limit',
      Buffer.concat([GOOD, Buffer.alloc(20_000_000)]),
      'pdf_too_large: paper.pdf has 19.1 MB, more than the limit of 19.1 MB',
    ],
    [
      'a page tree that loops',
      pageTreeLoop(),
      'pdf_corrupt: paper.pdf is damaged or cut off: none of its pages can be read',
    ],
    [
      'a page tree of 50,000 levels',
      deepPageTree(50_000),
      'pdf_corrupt: paper.pdf is damaged or cut off: none of its pages can be read',
    ],
    [
      'glyphs without letters',
      withoutUnicodeMap(),
      'pdf_no_text: the text of paper.pdf cannot be read: its fonts do not say which letters their glyphs are',
    ],
    [
      '200 MB of text in a small stream',
      bomb(200),
      'pdf_crashed: the PDF reader ended at paper.pdf, which takes more than 336 MB of memory',
    ],
    [
      'eight million letters',
      crowded(400, 2000),
      'pdf_crashed: the PDF reader ended at paper.pdf, whose text takes more than 128 MB of memory',
    ],
  ]
  it.each(refused)('of %s is refused with a clear line, and the next one is read', async (_, body, line) => {
    const pool = extractor()
    expect(await failure(pool, body)).toBe(line)
    expect((await pool.extract(file(GOOD))).text).toContain('A lease bounds the time')
  })

  const mended: [string, Buffer, string][] = [
    ['wrong offsets', wrongOffsets(GOOD), 'A lease bounds the time'],
    ['100,000 brackets within one another', deeplyNested(100_000), 'Under all of these brackets'],
    ['letters from right to left', rightToLeft(), 'א'],
  ]
  it('whose text is one paragraph of two million letters is read within the deadline', async () => {
    // Joined line by line, such a paragraph takes minutes.
    expect((await extractor().extract(file(crowded(400, 600)))).pages).toBe(400)
  })

  it.each(mended)('with %s is read all the same', async (_, body, text) => {
    expect((await extractor().extract(file(body))).text).toContain(text)
  })

  it('that never ends is given up at its deadline; meanwhile leases are renewed and other papers read', async () => {
    const events: string[] = []
    const pool = extractor({ timeoutMs: 3000 }, 2)
    const renewals = setInterval(() => events.push('renewed'), 20)
    onTestFinished(() => clearInterval(renewals))
    const hanging = failure(pool, endless()).then((line) => events.push(line))
    for (let i = 0; i < 3; i++) {
      await pool.extract(file(GOOD))
      events.push('read')
    }
    await hanging
    clearInterval(renewals)
    await pool.extract(file(GOOD))
    const given = events.indexOf('pdf_timeout: paper.pdf was not read within 3 s; its reader was ended')
    const before = events.slice(0, given)
    expect(before.filter((e) => e === 'read')).toHaveLength(3)
    expect(before.filter((e) => e === 'renewed').length).toBeGreaterThan(5)
  })

  it('that hangs is dropped at once when the reader is closed', async () => {
    const pool = extractor()
    const lines = [failure(pool, endless()), failure(pool, GOOD)]
    await pool.close()
    for (const line of await Promise.all(lines)) {
      expect(line).toBe('pdf_reader_closed: paper.pdf was not read: the PDF reader was closed')
    }
  })

  it('costs no more than its own thread: many failures in a row leave the reader as it was', async () => {
    const pool = extractor({ timeoutMs: 2000 })
    // A slow machine reaches the deadline before the bomb reaches the limit of memory.
    const all = [endless(), GOOD, bomb(200), GOOD, Buffer.from('%PDF-1.4 nothing'), endless(), GOOD]
    const codes = await Promise.all(all.map((body) => failure(pool, body)))
    expect(codes.map((line) => line.split(':')[0])).toEqual([
      'pdf_timeout',
      'read',
      expect.stringMatching(/^pdf_(crashed|timeout)$/),
      'read',
      'pdf_corrupt',
      'pdf_timeout',
      'read',
    ])
  })
})

describe('threads', () => {
  it('are started for documents only', async () => {
    const noWorker = new URL('file:///nowhere/extract-worker.js')
    const pool = new PdfExtractor({ workers: 2, limits: LIMITS, workerUrl: noWorker })
    await pool.close()
  })

  it('that cannot start fail their document with what went wrong', async () => {
    const broken = file('throw new Error("no PDFium here")', 'extract-worker.mjs')
    const pool = new PdfExtractor({ workers: 1, limits: LIMITS, workerUrl: new URL(`file://${broken}`) })
    onTestFinished(() => pool.close())
    for (let i = 0; i < 2; i++) {
      expect(await failure(pool, GOOD)).toBe(
        'pdf_crashed: the PDF reader broke down on paper.pdf: no PDFium here',
      )
    }
  })

  it('that end by themselves fail their document, and the next one gets a new thread', async () => {
    const quitting = file(
      'export function read() { setImmediate(() => process.exit(3)); return new Promise(() => {}) }',
      'extract-worker.mjs',
    )
    const pool = new PdfExtractor({ workers: 1, limits: LIMITS, workerUrl: new URL(`file://${quitting}`) })
    onTestFinished(() => pool.close())
    for (let i = 0; i < 2; i++) {
      expect(await failure(pool, GOOD)).toBe(
        'pdf_crashed: the PDF reader broke down on paper.pdf: its thread ended',
      )
    }
  })
})
