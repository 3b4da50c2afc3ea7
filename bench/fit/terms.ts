/*
 * Fits the weights of `src/report/terms/term-features.ts` again: `tsx bench/fit/terms.ts FILE.jsonl [--print]`, gold keyphrases, one
 * `{id, text, keys}` a line; either whole papers (Nguyen and Kan 2007) or abstracts (Inspec, Hulth 2003), as
 * github.com/LIAAD/KeywordExtractor-Datasets has them. Says how well the weights in force and those fitted to four fifths of the
 * documents choose in the other fifth; `--print` writes the weights that are fitted to all of them to stdout.
 */
import { readFileSync } from 'node:fs'
import { chooseTerms } from '../../src/report/terms/choose-terms.js'
import type { Candidate } from '../../src/report/terms/term-candidates.js'
import { commonest, EVEN, featuresOf, WEIGHTS } from '../../src/report/terms/term-features.js'
import { choiceOf } from '../../src/report/terms/terms.js'
import { f1, normalised } from '../keyphrases.js'
import { fitLogistic, type Row } from './logistic.js'

type Feature = keyof typeof WEIGHTS

const NAMES = Object.keys(WEIGHTS) as Feature[]
/** By hand, for texts that list the authors' own keywords are rare. */
const KEPT: readonly Feature[] = ['keywords']
const FITTED = NAMES.filter((name) => !KEPT.includes(name))
const FOLDS = 5
const DEPTHS = [5, 10, 15]

interface Paper {
  rows: { candidate: Candidate; values: Float64Array; isKey: boolean }[]
  forms: Map<string, string>
  gold: ReadonlySet<string>
  kind: 0 | 1
}

function read(line: string): Paper {
  const { text, keys } = JSON.parse(line) as { text: string; keys: string[] }
  const gold = new Set(normalised(keys))
  const { candidates, measures, forms } = choiceOf({ text })
  const rows = candidates.map((candidate) => {
    const features = featuresOf(candidate, measures)
    const values = new Float64Array([1, ...FITTED.map((name) => features[name])])
    return { candidate, values, isKey: normalised([commonest(candidate)]).some((key) => gold.has(key)) }
  })
  return { rows, forms, gold, kind: measures.isShort ? 1 : 0 }
}

/** Returns the mean F1 of the first 5, 10 and 15 that weights choose, the first of them added to all. */
function f1Of(papers: readonly Paper[], weights: Float64Array): number[] {
  const sums = DEPTHS.map(() => 0)
  for (const { rows, forms, gold } of papers) {
    const ranked = rows
      .map(({ candidate, values }) => ({ candidate, score: dot(values, weights) }))
      .sort((a, b) => b.score - a.score || (a.candidate.key < b.candidate.key ? -1 : 1))
    const chosen = chooseTerms(ranked, forms, 20).map(({ candidate }) => commonest(candidate))
    DEPTHS.forEach((depth, at) => (sums[at]! += f1(normalised(chosen).slice(0, depth), gold)))
  }
  return sums
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0)
}

function fit(papers: readonly Paper[]): Float64Array {
  const rows = papers.flatMap((paper) => paper.rows.map(({ values, isKey }): Row => ({ values, yes: isKey })))
  return fitLogistic(rows)
}

function shown(sums: readonly number[], papers: number): string {
  return DEPTHS.map((depth, at) => `@${depth} ${(sums[at]! / papers).toFixed(3)}`).join('  ')
}

const [file, option] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: tsx bench/fit/terms.ts FILE.jsonl [--print]')
const papers = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map(read)
const kind = papers.filter((paper) => paper.kind === 1).length * 2 > papers.length ? 1 : 0
const inForce = new Float64Array([-EVEN[kind], ...FITTED.map((name) => WEIGHTS[name][kind])])
const sums = DEPTHS.map(() => 0)
for (let fold = 0; fold < FOLDS; fold += 1) {
  const kept = papers.filter((_, at) => at % FOLDS === fold)
  const others = papers.filter((_, at) => at % FOLDS !== fold)
  f1Of(kept, fit(others)).forEach((sum, at) => (sums[at]! += sum))
}
console.error(`${papers.length} ${kind === 1 ? 'short texts' : 'whole papers'}, mean F1`)
console.error(`  weights in force: ${shown(f1Of(papers, inForce), papers.length)}`)
console.error(`  fitted to the other four fifths: ${shown(sums, papers.length)}`)
if (option === '--print') {
  const [even, ...weights] = fit(papers)
  console.log(`EVEN: ${(-even!).toFixed(1)}`)
  FITTED.forEach((name, at) =>
    console.log(`${name}: ${weights[at]!.toFixed(2)} (in force ${WEIGHTS[name][kind]})`),
  )
}
