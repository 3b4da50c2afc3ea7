/*
 * Fits the bands of `src/report/terms/stem-frequency.ts` again: `tsx bench/fit/stems.ts METADATA.jsonl [--print]`, arXiv's metadata, one
 * record a line. Says how far the table in force agrees with these records; `--print` writes the bands to stdout.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { rarity } from '../../src/report/terms/stem-frequency.js'
import { stem } from '../../src/text/stems.js'
import { words } from '../../src/text/words.js'

/** A stem in fewer records is rare, whatever their number. */
const LEAST_RECORDS = 30

const [file, option] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: tsx bench/fit/stems.ts METADATA.jsonl [--print]')

const counts = new Map<string, number>()
let records = 0
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
  if (line === '') continue
  const { title, abstract } = JSON.parse(line) as { title?: string; abstract?: string }
  records += 1
  for (const one of new Set(words(`${title ?? ''} ${abstract ?? ''}`).map(stem)))
    if (/^[a-z]{3,}$/.test(one)) counts.set(one, (counts.get(one) ?? 0) + 1)
}

/** Band i: in about one record of 2^(i/2). */
const bands = new Map<string, number>()
for (const [one, count] of counts)
  if (count >= LEAST_RECORDS) bands.set(one, Math.round(2 * Math.log2(records / count)))

const same = { 0: 0, 1: 0, more: 0 }
for (const [one, band] of bands) {
  const apart = Math.abs(rarity(one) * 2 - band)
  if (apart === 0) same[0] += 1
  else if (apart <= 1) same[1] += 1
  else same.more += 1
}
console.error(
  `${records} records, ${bands.size} stems in ${LEAST_RECORDS} or more: ${same[0]} in the band in force, ${same[1]} one beside it, ${same.more} further, mostly words of grammar that the table leaves out`,
)
if (option === '--print') {
  const last = Math.max(...bands.values())
  for (let band = 0; band <= last; band += 1) {
    const members = [...bands].filter(([, at]) => at === band).map(([one]) => one)
    console.log(`  \`${members.sort().join(' ')}\`,`)
  }
}
