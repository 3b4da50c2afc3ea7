/*
 * Plants faults of every kind into statements that are true of real papers, and counts how many the check of grounding sees, and how many
 * true statements it takes for false: `npx tsx bench/grounding/run.ts FOLDER [--report PAPER=FILE]… [--checker FILE] [--show KIND]`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { startPdfium } from '../../src/papers/extract/pdfium/pdfium.js'
import { wasmInterface } from '../../src/papers/extract/pdfium/wasm.js'
import type { checkGrounding } from '../../src/report/grounding.js'
import { indexPaper, type PaperIndex } from '../../src/report/paper-index.js'
import { readPaper } from '../../test/support/read-pdf.js'
import { drawFrom } from './draw.js'
import { FAULTS, inventedSection, takes } from './faults.js'
import { paperOf, type BenchPaper } from './paper.js'
import { statementsOfReport, trueStatements, type TrueStatement } from './true-statements.js'

interface Tally {
  seen: number
  of: number
}

const OWN = join(import.meta.dirname, '../../src/report/grounding.ts')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    report: { type: 'string', multiple: true, default: [] },
    checker: { type: 'string', default: OWN },
    show: { type: 'string', default: '' },
  },
})
const [folder] = positionals
if (folder === undefined) {
  throw new Error(
    'usage: npx tsx bench/grounding/run.ts FOLDER: a folder with at least ten papers as PDF, or as text of `rpa extract` (.txt)',
  )
}
const { checkGrounding: check } = (await import(pathToFileURL(values.checker).href)) as {
  checkGrounding: typeof checkGrounding
}
await main(await readPapers(folder))

async function main(papers: readonly BenchPaper[]): Promise<void> {
  const table = new Map<string, [Tally, Tally]>()
  let [used, statements] = [0, 0]
  papers.forEach((paper, index) => {
    // What was looked at while the check was written stands in the first half.
    const half = values.report.some((pair) => pair.startsWith(`${paper.name}=`)) ? 0 : index % 2
    const draw = drawFrom(index + 1)
    // A checker of before took the text itself.
    const looked = values.checker === OWN ? indexPaper(paper.text) : paper.text
    const count = (kind: string, text: string): void => {
      const row = table.get(kind) ?? [
        { seen: 0, of: 0 },
        { seen: 0, of: 0 },
      ]
      table.set(kind, row)
      const started = performance.now()
      const seen = faultsIn(text, looked)
      used += performance.now() - started
      statements += 1
      row[half]!.of += 1
      if (seen) row[half]!.seen += 1
      if (kind === values.show && half === 0 && seen === kind.startsWith('true: '))
        console.log(`${paper.name}: ${text}`)
    }
    const truths = truthsOf(paper, index)
    for (const truth of truths) count(`true: ${truth.kind}`, truth.text)
    for (const [kind, plant] of Object.entries(FAULTS)) {
      for (const truth of draw.some(
        truths.filter((one) => takes(kind, one)),
        24,
      )) {
        // A statement that is taken for false as it is tells nothing of the fault.
        const planted = plant(truth.text, paper, draw)
        if (planted !== null && planted !== truth.text && !faultsIn(truth.text, looked)) count(kind, planted)
      }
    }
    for (let n = 0; n < 4; n += 1) count('invented section', inventedSection(paper, draw))
  })
  print(table)
  console.log(
    `${papers.length} papers, ${(used / statements).toFixed(1)} ms a check of one statement against a whole paper`,
  )
}

function truthsOf(paper: BenchPaper, index: number): TrueStatement[] {
  const reports = values.report.flatMap((pair) => {
    const [name, file] = pair.split('=')
    return name === paper.name && file !== undefined ? [file] : []
  })
  return [...trueStatements(paper, drawFrom(100 + index)), ...reports.flatMap(statementsOfReport)]
}

function faultsIn(text: string, paper: string | PaperIndex): boolean {
  const { score } = check(new Map([['Key Results', text]]), paper)
  return score !== null && score < 1
}

async function readPapers(from: string): Promise<BenchPaper[]> {
  const names = readdirSync(from).sort()
  const texts = names
    .filter((name) => name.endsWith('.txt'))
    .map((name) => paperOf(name.slice(0, -4), readFileSync(join(from, name), 'utf8')))
  const pdfs = names.filter((name) => name.endsWith('.pdf'))
  if (pdfs.length > 0) {
    const wasm = readFileSync(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm'))
    const pdf = await startPdfium(await wasmInterface().compile(wasm), 320 * 1024 * 1024)
    for (const name of pdfs)
      texts.push(
        paperOf(basename(name, '.pdf'), readPaper(pdf, readFileSync(join(from, name)), name, 2000).text),
      )
  }
  return texts.filter(
    ({ pages }) => pages.length >= 6 && pages.flatMap(({ sentences }) => sentences).length >= 30,
  )
}

function print(table: ReadonlyMap<string, readonly [Tally, Tally]>): void {
  const share = ({ seen, of }: Tally): string =>
    of === 0 ? '–' : `${((100 * seen) / of).toFixed(1)} % of ${of}`
  const sum = (rows: (readonly [Tally, Tally])[], half: 0 | 1): Tally => ({
    seen: rows.reduce((total, row) => total + row[half].seen, 0),
    of: rows.reduce((total, row) => total + row[half].of, 0),
  })
  const rows = [...table].map(([kind, row]) => [kind, share(row[0]), share(row[1])])
  const [truths, faults] = [true, false].map((wanted) =>
    [...table].filter(([kind]) => kind.startsWith('true') === wanted).map(([, row]) => row),
  )
  rows.push(['all true statements', share(sum(truths ?? [], 0)), share(sum(truths ?? [], 1))])
  rows.push(['all faults', share(sum(faults ?? [], 0)), share(sum(faults ?? [], 1))])
  console.log(`| taken for false | first half of the papers | second half |\n|---|---|---|`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}
