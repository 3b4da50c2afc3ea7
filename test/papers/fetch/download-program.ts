import { fetchPdf } from '../../../src/papers/fetch/fetch-pdf.js'
import { RpaError } from '../../../src/core/errors.js'

const [origin = '', cacheDir = '', id = ''] = process.argv.slice(2)

/** Downloads one paper and prints what came of it. */
try {
  const pdf = await fetchPdf(id, {
    order: ['cache', 'arxiv'],
    dir: null,
    cacheDir,
    templates: { bucket: origin, export: `${origin}/{arxiv_id}`, arxiv: `${origin}/{arxiv_id}` },
    hosts: ['127.0.0.1'],
    userAgent: 'rpa-test/1',
    timeoutMs: 10_000,
    maxBytes: 1_000_000,
    gate: null,
    debug: () => undefined,
  })
  process.stdout.write(JSON.stringify(pdf))
} catch (error) {
  if (!(error instanceof RpaError)) throw error
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }))
}
