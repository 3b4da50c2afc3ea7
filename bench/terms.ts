/* Scores the tagger against gold keyphrases: `tsx bench/terms.ts FILE.jsonl…`, one `{id, text, keys}` a line. */
import { readFileSync } from 'node:fs'
import { stem } from '../src/text/stems.js'
import { words } from '../src/text/words.js'
import { extractTerms } from '../src/report/terms.js'

interface Document {
  id: string
  text: string
  keys: string[]
}

const DEPTHS = [5, 10, 15] as const

/** Phrases as the measure compares them: stems of `[a-z0-9]+`, no duplicates, in order. */
function normalised(phrases: readonly string[]): string[] {
  return [...new Set(phrases.map((phrase) => words(phrase).map(stem).join(' ')).filter((key) => key !== ''))]
}

function f1(found: readonly string[], gold: ReadonlySet<string>): number {
  const hits = found.filter((key) => gold.has(key)).length
  if (hits === 0) return 0
  const precision = hits / found.length
  const recall = hits / gold.size
  return (2 * precision * recall) / (precision + recall)
}

function score(file: string, distinct: boolean): void {
  const documents = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Document)
  const sums = DEPTHS.map(() => 0)
  const start = process.cpuUsage()
  for (const document of documents) {
    const found = normalised(extractTerms({ text: document.text, max: 20, distinct }).map((t) => t.term))
    const gold = new Set(normalised(document.keys))
    DEPTHS.forEach((depth, i) => (sums[i] = (sums[i] ?? 0) + f1(found.slice(0, depth), gold)))
  }
  const { user, system } = process.cpuUsage(start)
  const took = (user + system) / 1000 / documents.length
  const figures = DEPTHS.map((depth, i) => `@${depth} ${((sums[i] ?? 0) / documents.length).toFixed(3)}`)
  console.log(
    `${file}: ${documents.length} documents, mean F1 ${figures.join('  ')}, ${took.toFixed(1)} ms of CPU a document${distinct ? ', as tags' : ''}`,
  )
}

for (const file of process.argv.slice(2)) for (const distinct of [false, true]) score(file, distinct)
