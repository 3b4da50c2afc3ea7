/* The vocabulary of many papers before and after its forms are merged: `tsx bench/vocabulary.ts RECORDS.jsonl [N]`, one `{title, abstract}` a line. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { parseTerminology } from '../src/report/terms/terminology.js'
import { extractTerms } from '../src/report/terms/terms.js'
import { Vocabulary } from '../src/report/terms/vocabulary.js'
import { findAcronyms } from '../src/text/acronyms.js'

const [file = '', most = '500'] = process.argv.slice(2)
const records = readFileSync(file, 'utf8').trim().split('\n')
const step = Math.max(1, Math.floor(records.length / Number(most)))
const vocabulary = new Vocabulary(
  parseTerminology(parse(readFileSync('config/terminology.yml', 'utf8')), 'config/terminology.yml'),
)
const before = new Set<string>()
for (let at = 0, taken = 0; at < records.length && taken < Number(most); at += step, taken += 1) {
  const { title, abstract } = JSON.parse(records[at] ?? '') as { title: string; abstract: string }
  const paper = {
    title: title.replace(/\s+/g, ' '),
    abstract: abstract.trim().replace(/\s+/g, ' '),
    text: '',
  }
  const tags = extractTerms({ ...paper, max: 12, distinct: true }).map(({ term }) => term)
  for (const tag of tags) before.add(tag)
  vocabulary.add(tags, findAcronyms(`${paper.title}\n${paper.abstract}`))
}
const terms = vocabulary.terms()
for (const { term, forms } of terms)
  for (const { form, reports, by } of forms) console.log([by, `${form} (${reports})`, '→', term].join('\t'))
console.log(`${before.size} forms before, ${terms.length} terms after`)
