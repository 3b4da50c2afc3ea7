// Reads every PDF of a folder and scores the text against truth/ beside them; pdftotext and pypdf run too where they
// are installed. Usage: npx tsx bench/pdf.ts FOLDER [--python PYTHON]
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { startPdfium, type Pdfium } from '../src/papers/extract/pdfium/pdfium.js'
import { plainTitle, readOutline } from '../src/papers/extract/pdfium/outline.js'
import { readPaper } from '../test/support/read-pdf.js'
import { wasmInterface } from '../src/papers/extract/pdfium/wasm.js'
import type { ExtractedPaper } from '../src/papers/types.js'
import { scoreText, withoutFront, withoutReferences, type TextScore } from './pdf-score.js'
import { readTruths, type Truth } from './pdf-truth.js'

interface Run {
  tool: string
  seconds: number
  pages: number
  scores: Map<string, TextScore>
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: npx tsx bench/pdf.ts FOLDER [--python PYTHON]')
const python = process.argv[3] === '--python' ? (process.argv[4] ?? 'python3') : 'python3'
await main(folder)

async function main(dir: string): Promise<void> {
  const files = readdirSync(dir)
    .filter((f) => f.endsWith('.pdf'))
    .map((f) => join(dir, f))
  const truths = readTruths(dir)
  const require = createRequire(import.meta.url)
  const wasm = readFileSync(require.resolve('@embedpdf/pdfium/pdfium.wasm'))
  const pdf = await startPdfium(await wasmInterface().compile(wasm), 320 * 1024 * 1024)
  const papers = new Map<string, ExtractedPaper>()
  const started = process.cpuUsage()
  for (const file of files) papers.set(nameOf(file), readPaper(pdf, readFileSync(file), basename(file), 2000))
  const used = process.cpuUsage(started)
  // The same once more, with the code compiled: what every paper after the first few takes.
  const again = process.cpuUsage()
  for (const file of files) readPaper(pdf, readFileSync(file), basename(file), 2000)
  const warm = process.cpuUsage(again)
  const pages = [...papers.values()].reduce((n, p) => n + p.pages, 0)
  const ours: Run = { tool: 'rpa', seconds: (used.user + used.system) / 1e6, pages, scores: new Map() }
  for (const [name, truth] of truths) {
    const paper = papers.get(name)
    if (paper === undefined || truth.text === null) continue
    ours.scores.set(name, scoreAgainst(truth, ourText(paper, truth.hasReferences)))
  }
  const tools = [ours, others('pdftotext', files, truths, pages), others('pypdf', files, truths, pages)]
  printScores(tools.filter((t) => t !== null))
  console.log(`rpa, second pass: ${((pages * 1e6) / (warm.user + warm.system)).toFixed(0)} pages/s`)
  printSections(pdf, files, papers, truths)
  for (const [name, truth] of truths) {
    if (truth.references === null) continue
    console.log(`references ${name}: ${papers.get(name)?.references.length ?? 0} of ${truth.references}`)
  }
}

function nameOf(file: string): string {
  return basename(file, '.pdf')
}

function ourText(paper: ExtractedPaper, withReferences: boolean): string {
  const text = `${paper.front}\n${paper.text.replace(/\[p\. \d+\]/g, ' ')}`
  return withReferences ? `${text}\nReferences\n${paper.references.join('\n')}` : text
}

/** What the truth leaves out is left out of the text as well, by the truth's own words, for every tool alike. */
function scoreAgainst(truth: Truth, text: string): TextScore {
  const paragraphs = truth.text ?? []
  const body = truth.bodyOnly ? withoutFront(text, paragraphs) : text
  return scoreText(truth.hasReferences ? body : withoutReferences(body, paragraphs), paragraphs)
}

function others(
  tool: 'pdftotext' | 'pypdf',
  files: string[],
  truths: Map<string, Truth>,
  pages: number,
): Run | null {
  const probe =
    tool === 'pdftotext' ? spawnSync('pdftotext', ['-v']) : spawnSync(python, ['-c', 'import pypdf'])
  if (probe.error !== undefined || (tool === 'pypdf' && probe.status !== 0)) return null
  const run: Run = { tool, seconds: 0, pages, scores: new Map() }
  const before = childSeconds()
  const texts = files.map((f) => [nameOf(f), runTool(tool, f)] as const)
  run.seconds = childSeconds() - before
  for (const [name, text] of texts) {
    const truth = truths.get(name)
    if (truth === undefined || truth.text === null) continue
    run.scores.set(name, scoreAgainst(truth, text))
  }
  return run
}

function runTool(tool: 'pdftotext' | 'pypdf', file: string): string {
  const run = (command: string, args: string[]): string =>
    execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
  if (tool === 'pdftotext') return run('pdftotext', [file, '-'])
  const script = 'import sys,pypdf\nfor p in pypdf.PdfReader(sys.argv[1]).pages: print(p.extract_text())'
  return run(python, ['-c', script, file])
}

/** CPU time of ended children, from /proc; wall time where there is none. */
function childSeconds(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return performance.now() / 1000
  }
}

function printScores(runs: readonly Run[]): void {
  console.log('tool        CPU s  pages/s    lev     F1     bi   five')
  for (const run of runs) {
    const all = [...run.scores.values()]
    const mean = (pick: (s: TextScore) => number): string =>
      (all.reduce((n, s) => n + pick(s), 0) / Math.max(1, all.length)).toFixed(3).padStart(6)
    const means = [mean((s) => s.lev), mean((s) => s.f1), mean((s) => s.bi), mean((s) => s.five)].join(' ')
    const speed = (run.pages / run.seconds).toFixed(0).padStart(8)
    console.log(`${run.tool.padEnd(10)} ${run.seconds.toFixed(2).padStart(6)} ${speed} ${means}`)
    for (const [name, s] of run.scores) {
      const row = [s.lev, s.f1, s.bi, s.five].map((v) => v.toFixed(3).padStart(6)).join(' ')
      console.log(`  ${name.padEnd(24)} ${row}`)
    }
  }
}

/** The outline of a PDF is a second witness for its sections; the reader must not see it then. */
function printSections(
  pdf: Pdfium,
  files: string[],
  papers: Map<string, ExtractedPaper>,
  truths: Map<string, Truth>,
): void {
  let hit = 0
  let found = 0
  let wanted = 0
  for (const file of files) {
    const name = nameOf(file)
    const outline = outlineOf(pdf, file)
    const want = outline !== null && outline.length >= 3 ? outline : (truths.get(name)?.sections ?? null)
    if (want === null || want.length < 3) continue
    const blind =
      outline === null
        ? papers.get(name)!
        : readPaper(pdf, readFileSync(file), name, 2000, { outline: false })
    const got = blind.sections.filter((s) => s.level === 1).map((s) => plainTitle(s.title))
    // Bookmarks and GROBID leave out what has no number: nothing is known about these.
    const isKnown = (t: string): boolean => !/^(abstract|references|literatur|acknowledge?ments?|)$/.test(t)
    const wantSet = new Set(want.map(plainTitle).filter(isKnown))
    const gotSet = new Set(got.filter(isKnown))
    const both = [...gotSet].filter((t) => [...wantSet].some((w) => alike(w, t)))
    hit += both.length
    found += gotSet.size
    wanted += wantSet.size
    const missed = [...wantSet].filter((t) => ![...gotSet].some((g) => alike(g, t)))
    const extra = [...gotSet].filter((t) => ![...wantSet].some((w) => alike(w, t)))
    console.log(
      `sections ${name}: ${both.length}/${wantSet.size}, missed [${missed.join(', ')}], extra [${extra.join(', ')}]`,
    )
  }
  console.log(`sections: precision ${(hit / found).toFixed(3)}, recall ${(hit / wanted).toFixed(3)}`)
}

/** Bookmarks have lost the formulas of a title: most pairs of letters are enough. */
function alike(a: string, b: string): boolean {
  if (a === b) return true
  const pairs = (text: string): string[] => {
    const letters = text.replace(/[^a-zäöüß]/g, '')
    return Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2))
  }
  const left = pairs(a)
  const right = pairs(b)
  const rest = [...right]
  const shared = left.filter((p) => rest.includes(p) && rest.splice(rest.indexOf(p), 1).length > 0).length
  return 2 * shared > 0.8 * (left.length + right.length)
}

function outlineOf(pdf: Pdfium, file: string): string[] | null {
  const { exports: api } = pdf
  const bytes = readFileSync(file)
  const data = api.malloc(bytes.length)
  pdf.u8().set(bytes, data)
  const document = api.FPDF_LoadMemDocument(data, bytes.length, 0)
  const entries = readOutline(pdf, document).filter((e) => e.level === 1)
  api.FPDF_CloseDocument(document)
  api.free(data)
  return entries.length === 0 ? null : entries.map((e) => e.title)
}
