/* Scores the tagger against gold keyphrases: `tsx bench/terms.ts FILE.jsonl…`, one `{id, text, keys}` a line. */
import { readFileSync } from 'node:fs'
import { extractTerms } from '../src/report/terms/terms.js'
import { f1, normalised } from './keyphrases.js'

interface Document {
  id: string
  text: string
  keys: string[]
}

const DEPTHS = [5, 10, 15] as const

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
