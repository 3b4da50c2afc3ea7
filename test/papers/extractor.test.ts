import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PdfExtractor } from '../../src/papers/extractor.js'
import type { ExtractLimits } from '../../src/papers/types.js'
import { lines, makePdf, wrap } from '../support/pdf.js'
import { temporaryFolder } from '../support/temp.js'
import { buildExtractWorker, type BuiltWorker } from '../support/worker.js'

const SAMPLES = fileURLToPath(new URL('../../samples/pdf/', import.meta.url))
const TEXT =
  'A lease bounds the time for which a crash of one worker blocks a job for all of the others. '.repeat(9)
const GOOD = makePdf([lines(wrap(TEXT, 70), { x: 72, y: 700 })])
const LIMITS: ExtractLimits = { maxBytes: 5_000_000, maxPages: 20, timeoutMs: 30_000 }

let worker: BuiltWorker
beforeAll(async () => {
  worker = await buildExtractWorker()
})
afterAll(() => worker.remove())

function extractor(limits: Partial<ExtractLimits> = {}, workers = 1): PdfExtractor {
  const pool = new PdfExtractor({ workers, limits: { ...LIMITS, ...limits }, workerUrl: worker.url })
  onTestFinished(() => pool.close())
  return pool
}

function file(body: Buffer | string): string {
  const path = join(temporaryFolder(), 'paper.pdf')
  writeFileSync(path, body)
  return path
}

/** A form that draws ten of the next form, eight times over: a hundred million words from two kilobytes. */
function bomb(): Buffer {
  let body = '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'
  body += '2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n'
  body +=
    '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 10 0 R >> >> >>\nendobj\n'
  body += '4 0 obj\n<< /Length 5 >>\nstream\n/X Do\nendstream\nendobj\n'
  body += '5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n'
  for (let i = 0; i < 9; i++) {
    const last = i === 8
    const content = last ? 'BT /F 10 Tf 72 700 Td (laughing at the reader) Tj ET' : '/X Do '.repeat(10)
    const resources = last ? '/Font << /F 5 0 R >>' : `/XObject << /X ${11 + i} 0 R >>`
    body += `${10 + i} 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << ${resources} >> /Length ${content.length} >>\nstream\n${content}\nendstream\nendobj\n`
  }
  return Buffer.from(`${body}trailer\n<< /Root 1 0 R >>\n%%EOF\n`, 'latin1')
}

describe('PdfExtractor', () => {
  it('reads papers in worker threads, several at once', async () => {
    const pool = extractor({}, 2)
    const files = readdirSync(SAMPLES).filter((f) => f.endsWith('.pdf'))
    const papers = await Promise.all(files.map((f) => pool.extract(join(SAMPLES, f))))
    for (const paper of papers) expect(paper.sections.length).toBeGreaterThan(5)
    expect(new Set(papers.map((p) => p.title)).size).toBe(files.length)
    expect(papers[0]?.extractor).toMatch(/^@embedpdf\/pdfium \d+\./)
  })

  const bad: [string, Buffer | string][] = [
    ['pdf_empty', ''],
    ['pdf_is_html', '<!doctype html><html><head></head></html>'],
    ['pdf_not_a_pdf', gzipSync(GOOD)],
    ['pdf_corrupt', GOOD.subarray(0, 300)],
    ['pdf_corrupt', Buffer.from('%PDF-1.7\nnothing of use')],
    ['pdf_no_text', makePdf([[], []])],
    ['pdf_too_many_pages', makePdf(Array.from({ length: 21 }, () => [{ x: 72, y: 700, text: TEXT }]))],
    ['pdf_too_large', Buffer.concat([GOOD, Buffer.alloc(5_000_000)])],
  ]
  it.each(bad)('fails with %s, and the next paper is read', async (code, body) => {
    const pool = extractor()
    await expect(pool.extract(file(body))).rejects.toThrow(
      expect.objectContaining({ code, hint: expect.any(String) as string }) as Error,
    )
    expect((await pool.extract(file(GOOD))).text).toContain('A lease bounds the time')
  })

  it('tells a password apart', async () => {
    const encrypted = readFileSync(fileURLToPath(new URL('../support/locked.pdf', import.meta.url)))
    await expect(extractor().extract(file(encrypted))).rejects.toThrow(
      expect.objectContaining({ code: 'pdf_encrypted' }) as Error,
    )
  })

  it('names a file that is not there', async () => {
    await expect(extractor().extract('/nowhere/paper.pdf')).rejects.toThrow(
      expect.objectContaining({ code: 'pdf_not_found' }) as Error,
    )
  })

  it('does not wait at a pipe, and says so of a folder', async () => {
    const folder = temporaryFolder()
    const pipe = join(folder, 'pipe.pdf')
    execFileSync('mkfifo', [pipe])
    const pool = extractor()
    for (const path of [pipe, folder]) {
      await expect(pool.extract(path)).rejects.toThrow(
        expect.objectContaining({
          code: 'pdf_not_a_pdf',
          message: expect.stringContaining('not a file but') as string,
        }) as Error,
      )
    }
    expect((await pool.extract(file(GOOD))).pages).toBe(1)
  })

  it('kills a worker at the deadline, and starts another one for the papers behind it', async () => {
    const pool = extractor({ timeoutMs: 1 })
    const results = await Promise.allSettled([pool.extract(file(GOOD)), pool.extract(file(GOOD))])
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'pdf_timeout' } })
    }
  })

  it('survives a document that uses up the memory', async () => {
    const pool = extractor({ timeoutMs: 50_000 })
    await expect(pool.extract(file(bomb()))).rejects.toThrow(
      expect.objectContaining({ code: 'pdf_crashed' }) as Error,
    )
    expect((await pool.extract(file(GOOD))).pages).toBe(1)
  })

  it('keeps the main thread free while it reads', async () => {
    let ticks = 0
    const timer = setInterval(() => (ticks += 1), 1)
    const pool = extractor()
    const files = readdirSync(SAMPLES).filter((f) => f.endsWith('.pdf'))
    await Promise.all(files.map((f) => pool.extract(join(SAMPLES, f))))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(5)
  })

  it('rejects what is waiting when it is closed', async () => {
    const pool = extractor()
    const both = [pool.extract(file(GOOD)), pool.extract(file(GOOD))]
    const results = Promise.allSettled(both)
    await pool.close()
    for (const result of await results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'pdf_reader_closed' })
    }
    await expect(pool.extract(file(GOOD))).rejects.toThrow(
      expect.objectContaining({ code: 'pdf_reader_closed' }) as Error,
    )
  })
})
