// Damages the PDFs of a folder, the same way for the same seed, and reads them with two workers. Fails on a crash, an
// error without a class, or a document that outlives its deadline. Usage:
// npx tsx bench/pdf-fuzz.ts [FOLDER] [--count 2000] [--seed 1] [--deadline 5000] [--workers 2] [--keep FOLDER] | FOLDER --as-is
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PaperError } from '../src/core/errors.js'
import { PdfExtractor } from '../src/papers/extractor.js'
import { seededRandom } from '../src/core/chance.js'
import { mutatePdf } from '../test/support/pdf-mutations.js'
import { buildExtractWorker } from '../test/support/worker.js'
import { MemoryWatch, ThreadCount } from './memory.js'

interface Outcome {
  name: string
  what: string
  code: string
  message: string
  ms: number
}

const KNOWN =
  /^(read|pdf_(corrupt|encrypted|no_text|too_large|too_many_pages|timeout|crashed|is_html|empty|not_a_pdf))$/
const SAMPLES = fileURLToPath(new URL('../samples/pdf', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    deadline: { type: 'string', default: '5000' },
    workers: { type: 'string', default: '2' },
    keep: { type: 'string' },
    'as-is': { type: 'boolean', default: false },
  },
})
const deadline = Number(values.deadline)
const workers = values['as-is'] ? 1 : Number(values.workers)
const seed = Number(values.seed)
const files = readdirSync(positionals[0] ?? SAMPLES)
  .filter((f) => f.endsWith('.pdf'))
  .map((f) => join(positionals[0] ?? SAMPLES, f))
process.exitCode = await main()

async function main(): Promise<number> {
  const built = await buildExtractWorker()
  const folder = mkdtempSync(join(tmpdir(), 'rpa-fuzz-'))
  const threads = new ThreadCount()
  const memory = new MemoryWatch(20)
  const extractor = new PdfExtractor({
    workers,
    limits: { maxBytes: 100 * 1024 * 1024, maxPages: 400, timeoutMs: deadline },
    workerUrl: built.url,
  })
  let outcomes: Outcome[]
  try {
    outcomes = values['as-is'] ? await readAsIs(extractor, memory) : await fuzz(extractor, memory, folder)
  } finally {
    await extractor.close()
    rmSync(folder, { recursive: true, force: true })
    built.remove()
  }
  memory.stop()
  return report(outcomes, memory, threads)
}

async function fuzz(extractor: PdfExtractor, memory: MemoryWatch, folder: string): Promise<Outcome[]> {
  const originals = files.map((f) => readFileSync(f))
  const count = Number(values.count)
  const outcomes: Outcome[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      // A generator for each document: which lane reads it does not matter.
      const random = seededRandom(seed * 1_000_003 + i)
      const pick = (): number => Math.floor(random() * files.length)
      const [a, b] = [pick(), pick()]
      const { bytes, mutations } = mutatePdf(originals[a]!, originals[b]!, random)
      const path = join(folder, `${i}.pdf`)
      writeFileSync(path, bytes)
      const outcome = await readOne(extractor, path, `${basename(files[a]!)} ${mutations.join('+')}`)
      outcomes.push(outcome)
      if (values.keep !== undefined && /timeout|crashed/.test(outcome.code)) keep(values.keep, path)
      rmSync(path)
      memory.mark(outcomes.length / count)
    }
  }
  await Promise.all(Array.from({ length: workers }, lane))
  return outcomes
}

async function readAsIs(extractor: PdfExtractor, memory: MemoryWatch): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const file of files) {
    memory.reset()
    const outcome = await readOne(extractor, file, '')
    outcomes.push(outcome)
    const took = `${outcome.ms.toFixed(0).padStart(6)} ms  peak ${memory.recent().toFixed(0).padStart(4)} MB`
    console.log(
      `${basename(file).padEnd(28)} ${took}  ${outcome.code}${outcome.message && `: ${outcome.message}`}`,
    )
  }
  return outcomes
}

async function readOne(extractor: PdfExtractor, path: string, what: string): Promise<Outcome> {
  const started = performance.now()
  const done = (code: string, message: string): Outcome => {
    return { name: basename(path), what, code, message, ms: performance.now() - started }
  }
  try {
    await extractor.extract(path)
    return done('read', '')
  } catch (error) {
    if (error instanceof PaperError) return done(error.code, error.message)
    return done('UNCLASSIFIED', String(error))
  }
}

function keep(folder: string, path: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${seed}-${basename(path)}`), readFileSync(path))
}

function report(outcomes: readonly Outcome[], memory: MemoryWatch, threads: ThreadCount): number {
  const counts = new Map<string, number>()
  for (const { code } of outcomes) counts.set(code, (counts.get(code) ?? 0) + 1)
  console.log(`\n${outcomes.length} documents, ${workers} workers, deadline ${deadline} ms, seed ${seed}`)
  for (const [code, n] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`  ${code.padEnd(20)} ${n}`)
  const slowest = [...outcomes].sort((a, b) => b.ms - a.ms).slice(0, 5)
  for (const { name, what, code, ms } of slowest) {
    console.log(`  slowest: ${ms.toFixed(0).padStart(6)} ms ${code} ${name} ${what}`)
  }
  for (const { name, what, message } of outcomes.filter((o) => o.code === 'pdf_crashed')) {
    console.log(`  crashed: ${name} ${what}: ${message}`)
  }
  console.log(`  peak RSS by quarter: ${memory.quarters().join(', ')} MB; after closing ${memory.now()} MB`)
  console.log(`  threads before ${threads.before}, left ${threads.now()}`)
  const bad = outcomes.filter((o) => !KNOWN.test(o.code) || o.ms > deadline + 2000)
  for (const o of bad)
    console.log(`  BAD ${o.name} ${o.what}: ${o.code} after ${o.ms.toFixed(0)} ms ${o.message}`)
  return bad.length > 0 || threads.now() > threads.before ? 1 : 0
}
