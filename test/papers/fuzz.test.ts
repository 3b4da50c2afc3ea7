import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { PaperError } from '../../src/core/errors.js'
import { PdfExtractor } from '../../src/papers/extractor.js'
import { mutatePdf } from '../support/pdf-mutations.js'
import { seededRandom } from '../../src/core/chance.js'
import { temporaryFolder } from '../support/temp.js'
import { buildExtractWorker, type BuiltWorker } from '../support/worker.js'

const SAMPLES = fileURLToPath(new URL('../../samples/pdf/', import.meta.url))
const COUNT = 60

let built: BuiltWorker
beforeAll(async () => {
  built = await buildExtractWorker()
})
afterAll(() => built.remove())

it('reads damaged PDFs or says what is wrong with them', async () => {
  const folder = temporaryFolder()
  const originals = readdirSync(SAMPLES)
    .filter((f) => f.endsWith('.pdf'))
    .map((f) => readFileSync(join(SAMPLES, f)))
  const limits = { maxBytes: 10_000_000, maxPages: 100, timeoutMs: 20_000 }
  const pool = new PdfExtractor({ workers: 2, limits, workerUrl: built.url })
  onTestFinished(() => pool.close())
  const outcomes = Array.from({ length: COUNT }, async (_, i) => {
    const random = seededRandom(i)
    const pick = (): Buffer => originals[Math.floor(random() * originals.length)]!
    const { bytes, mutations } = mutatePdf(pick(), pick(), random)
    const path = join(folder, `${i}.pdf`)
    writeFileSync(path, bytes)
    try {
      const paper = await pool.extract(path)
      return paper.pages > 0 ? 'read' : `${i} ${mutations.join('+')}: read without pages`
    } catch (error) {
      if (!(error instanceof PaperError)) throw error
      return error.code === 'pdf_crashed' ? `${i} ${mutations.join('+')}: ${error.message}` : error.code
    }
  })
  const known = /^(read|pdf_(corrupt|encrypted|no_text|too_large|too_many_pages|is_html|empty|not_a_pdf))$/
  const found = await Promise.all(outcomes)
  expect(found.filter((outcome) => !known.test(outcome))).toEqual([])
  expect(found.filter((outcome) => outcome === 'read').length).toBeGreaterThan(10)
  expect(found.filter((outcome) => outcome === 'pdf_corrupt').length).toBeGreaterThan(5)
})
