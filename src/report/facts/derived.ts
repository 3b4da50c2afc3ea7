import { addTotals, ALL_OPS, amountOf, fromPairs, oddsOf, stepOf, type Target } from './combine.js'
import { isComputing, saidOps, type Said } from './said-ops.js'
import { fromTables } from './table-derived.js'
import type { PaperIndex, Passage } from '../paper/paper-index.js'
import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import { keyOf } from '../numbers/plain-numbers.js'
import { stemsOf } from '../numbers/word-keys.js'

const MAX_OWN = 20
const MAX_PASSAGES = 400
/** Passages beside which a statement is held: those that share most of its words. */
const MAX_NEAR = 8
/** Shares of the numbers beside one that may be worked out as well: the less a statement says of its inputs, the fewer. */
const OWN_SENTENCE = 0.25
const OWN_STATEMENT = 0.12
const NEAR_PASSAGE = 0.07

/** Where else than in its statement a number may be worked out from. */
interface Sources {
  index: PaperIndex
  /** Null: the whole paper. */
  pages: ReadonlySet<number> | null
  /** Whether the paper has the number there, but as something else. */
  isElse: boolean
}

/**
 * Returns whether a number is what two numbers give together (difference, sum, mean, ratio, share, product), where hardly another number
 * would be as well: numbers of the statement; rows of a table that it names; a passage like it. Or, after a word like "about", a
 * number of the pages rounded.
 */
export function derivedFrom(number: ReadNumber, said: Said, sources: Sources, about: boolean): boolean {
  const rest = said.others.filter((one) => one.value !== number.value || one.unit !== number.unit)
  const ops = saidOps(number, said)
  const computes = ops !== null || isComputing(said)
  const target = { number, ops: ops ?? ALL_OPS, step: stepOf(number, about) }
  const mayBeOwn = ops !== null || (said.head === '' && !sources.isElse)
  if ((computes || about) && mayBeOwn && fromOwn(target, said, rest)) return true
  if (sources.isElse) return false
  if (about && rest.some((one) => Math.abs(amountOf(one) - amountOf(number)) <= target.step / 2)) return true
  const significant = significantDigits(number)
  if (about && significant >= 2 && roundsTo(sources.index, number, sources.pages)) return true
  if (!computes || ops === null || (significant < 2 && number.decimals === 0) || said.repeated()) return false
  if (isComplement(number, sources)) return true
  return (
    fromTables(target, said, sources.index, sources.pages) ||
    (sources.pages !== null && fromPassages(target, rest, said, sources))
  )
}

/** First the numbers of the same sentence, then those of the ones beside it, then all. */
function fromOwn(target: Target, said: Said, others: readonly ReadNumber[]): boolean {
  const { at } = target.number
  const ends = clauseEnds(said)
  const here = ends.findLastIndex((end) => end <= at)
  const within = (before: number, after: number): ReadNumber[] => {
    const [from, to] = [ends[Math.max(0, here - before)] ?? 0, ends[here + 1 + after] ?? Infinity]
    return others.filter((one) => one.at >= from && one.at < to)
  }
  const near = within(0, 0)
  if (target.ops.sum || target.ops.mean) {
    const odds = oddsOf(target)
    addTotals(odds, target, near.filter((one) => one.at < at).map(amountOf))
    if (odds.tells(OWN_SENTENCE)) return true
  }
  return (
    fromPairs(target, near, OWN_SENTENCE) ||
    fromPairs(target, within(1, 0), OWN_SENTENCE) ||
    fromPairs(target, others, OWN_STATEMENT)
  )
}

const knownEnds = new WeakMap<Said, readonly number[]>()

/** Where clauses end, the beginning and the end of the statement included; found once for all of its numbers. */
function clauseEnds(said: Said): readonly number[] {
  let ends = knownEnds.get(said)
  if (ends === undefined) {
    const { statement } = said
    ends = [0, ...[...statement.matchAll(/[.!?;:] /g)].map(({ index }) => index), statement.length]
    knownEnds.set(said, ends)
  }
  return ends
}

/** Whether a share is what another one on the pages leaves of the whole. */
function isComplement({ value, decimals, unit }: ReadNumber, { index, pages }: Sources): boolean {
  if (unit?.name !== '%' || decimals === 0 || value >= 100) return false
  const there = index.numbers.get(keyOf(Number((100 - value).toFixed(decimals))))
  return there !== undefined && (pages === null || [...pages].some((page) => there.has(page)))
}

/** From the numbers of a passage that shares most words with the statement, with its own ones too. */
function fromPassages(target: Target, others: readonly ReadNumber[], said: Said, sources: Sources): boolean {
  const own = others.slice(0, MAX_OWN)
  return nearPassages(said, sources).some(
    ({ numbers }) =>
      fromPairs(target, numbers, NEAR_PASSAGE) ||
      fromPairs(target, [...numbers.slice(0, MAX_OWN), ...own], NEAR_PASSAGE),
  )
}

const knownPassages = new WeakMap<Said, readonly Passage[]>()

/** The passages on the pages that share most words with a statement, rare ones above all; found once for all of its numbers. */
function nearPassages(said: Said, { index, pages }: Sources): readonly Passage[] {
  const known = knownPassages.get(said)
  if (known !== undefined) return known
  const shared = new Map<number, number>()
  for (const word of new Set(stemsOf(said.statement))) {
    const there = index.words.get(word) ?? []
    const weight = Math.log((index.passages.length + 1) / (there.length + 1))
    for (const passage of there) {
      if (pages?.has(index.passages[passage]?.page ?? -1) === true)
        shared.set(passage, (shared.get(passage) ?? 0) + weight)
    }
  }
  const found = [...shared]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_NEAR)
    .flatMap(([passage]) => index.passages[passage] ?? [])
    .filter(({ numbers }) => numbers.length > 0)
  knownPassages.set(said, found)
  return found
}

function roundsTo(index: PaperIndex, number: ReadNumber, pages: ReadonlySet<number> | null): boolean {
  let looked = 0
  for (const passage of index.passages) {
    if (pages !== null && !pages.has(passage.page)) continue
    looked += 1
    if (looked > MAX_PASSAGES) return false
    if (
      passage.numbers.some(
        (there) => (number.unit === null || there.unit?.name === number.unit.name) && rounds(number, there),
      )
    )
      return true
  }
  return false
}

function rounds(number: ReadNumber, { value }: ReadNumber): boolean {
  const digits = significantDigits(number)
  return (
    value !== 0 &&
    Number.isFinite(value) &&
    Number(value.toPrecision(Math.min(15, Math.max(1, digits)))) === number.value
  )
}
