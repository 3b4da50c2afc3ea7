/*
 * Fits the weights of `src/llm/tokens.ts` again: `tsx bench/fit/tokens.ts FILE.jsonl [--print]`, pieces of papers with the largest
 * count of tokens that current vocabularies (cl100k, o200k, Llama 3) give them, one `{text, tokens}` a line. Says how far the
 * weights in force are above the counts; `--print` writes the fitted ones beside them to stdout. Those in force are rounded up.
 */
import { readFileSync } from 'node:fs'
import { countKinds, TOKENS } from '../../src/llm/tokens.js'
import { solve } from './logistic.js'

type Kind = keyof typeof TOKENS

const KINDS = Object.keys(TOKENS) as Kind[]
/** Digits are counted one by one by vocabularies that these are not; the others are too rare in papers to be fitted. */
const KEPT: readonly Kind[] = ['digit', 'cyrillic', 'cjk', 'surrogate']
const FITTED = KINDS.filter((kind) => !KEPT.includes(kind))

const [file, option] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: tsx bench/fit/tokens.ts FILE.jsonl [--print]')
const pieces = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { text: string; tokens: number })
  .map(({ text, tokens }) => ({ counts: countKinds(text), tokens }))

const size = FITTED.length
const matrix = Array.from({ length: size }, () => new Float64Array(size))
const right = new Float64Array(size)
for (const { counts, tokens } of pieces) {
  const rest = tokens - KEPT.reduce((sum, kind) => sum + counts[kind] * TOKENS[kind], 0)
  FITTED.forEach((one, i) => {
    right[i]! += counts[one] * rest
    FITTED.forEach((other, k) => (matrix[i]![k]! += counts[one] * counts[other]))
  })
}
const fitted = solve(matrix, right)

const shares = pieces
  .map(({ counts, tokens }) => KINDS.reduce((sum, kind) => sum + counts[kind] * TOKENS[kind], 0) / tokens)
  .sort((a, b) => a - b)
const percent = (at: number): string =>
  `${((shares[Math.floor(at * (shares.length - 1))]! - 1) * 100).toFixed(1)} %`
console.error(
  `${pieces.length} pieces: weights in force are above the largest count by ${percent(0)} at least, ${percent(0.5)} in the middle, ${percent(1)} at most`,
)
if (option === '--print') {
  FITTED.forEach((kind, at) => console.log(`${kind}: ${fitted[at]!.toFixed(2)} (in force ${TOKENS[kind]})`))
}
