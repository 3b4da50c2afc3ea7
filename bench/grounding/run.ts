/*
 * Plants faults of every kind into statements that are true of real papers, and counts how many the check of grounding sees, and how many
 * true statements it takes for false: `npx tsx bench/grounding/run.ts FOLDER [--report PAPER=FILE]… [--checker FILE] [--show KIND] [--forms]`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { startPdfium } from '../../src/papers/extract/pdfium/pdfium.js'
import { wasmInterface } from '../../src/papers/extract/pdfium/wasm.js'
import type { checkGrounding } from '../../src/report/facts/grounding.js'
import { indexPaper, type PaperIndex } from '../../src/report/paper/paper-index.js'
import { readPaper } from '../../test/support/read-pdf.js'
import { drawFrom } from './draw.js'
import { FAULTS, inventedSection, takes } from './faults.js'
import { paperOf, type BenchPaper } from './paper.js'
import { statementsOfReport, trueStatements, type TrueStatement } from './true-statements.js'

interface Tally {
  seen: number
  of: number
}

/** Statements of a paper that a form of fault is planted in. */
const EACH = 24
const OWN = join(import.meta.dirname, '../../src/report/facts/grounding.ts')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    report: { type: 'string', multiple: true, default: [] },
    checker: { type: 'string', default: OWN },
    show: { type: 'string', default: '' },
    forms: { type: 'boolean', default: false },
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
      if (
        values.show !== '' &&
        kind.startsWith(values.show) &&
        half === 0 &&
        seen === kind.startsWith('true: ')
      )
        console.log(`${kind} | ${paper.name}: ${text}`)
    }
    const truths = truthsOf(paper, index)
    for (const truth of truths) count(`true: ${truth.kind}`, truth.text)
    for (const [kind, forms] of Object.entries(FAULTS)) {
      const fitting = truths.filter((one) => takes(kind, one))
      for (const [form, plant] of Object.entries(forms)) {
        let planted = 0
        for (const truth of draw.some(fitting, fitting.length)) {
          if (planted >= EACH) break
          const text = plant(truth.text, paper, draw)
          // A statement that is taken for false as it is tells nothing of the fault.
          if (text === null || text === truth.text || faultsIn(truth.text, looked)) continue
          planted += 1
          count(`${kind}: ${form}`, text)
        }
      }
    }
    for (let n = 0; n < 4; n += 1) count('invented section: five items', inventedSection(paper, draw))
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

/** A line a kind, and one for each of its forms where there are several. */
function print(table: ReadonlyMap<string, readonly [Tally, Tally]>): void {
  const share = ({ seen, of }: Tally): string =>
    of === 0 ? '–' : `${((100 * seen) / of).toFixed(1)} % of ${of}`
  const line = (name: string, rows: readonly (readonly [Tally, Tally])[]): void =>
    console.log(`| ${name} | ${share(sum(rows, 0))} | ${share(sum(rows, 1))} |`)
  const isTrue = ([name]: readonly [string, unknown]): boolean => name.startsWith('true: ')
  const [truths, faults] = [[...table].filter(isTrue), [...table].filter((row) => !isTrue(row))]
  console.log(`| taken for false | first half of the papers | second half |\n|---|---|---|`)
  for (const kind of new Set(faults.map(([name]) => name.split(': ')[0]!))) {
    const forms = faults.filter(([name]) => name.startsWith(`${kind}: `))
    line(
      kind,
      forms.map(([, row]) => row),
    )
    if (values.forms && forms.length > 1)
      for (const [name, row] of forms) line(name.replace(kind, '…'), [row])
  }
  line(
    'all faults',
    faults.map(([, row]) => row),
  )
  for (const [name, row] of truths) line(name, [row])
  line(
    'all true statements',
    truths.map(([, row]) => row),
  )
}

function sum(rows: readonly (readonly [Tally, Tally])[], half: 0 | 1): Tally {
  return {
    seen: rows.reduce((total, row) => total + row[half].seen, 0),
    of: rows.reduce((total, row) => total + row[half].of, 0),
  }
}
