import type { Evidence } from './evidence.js'
import { evidenceFor } from './evidence.js'
import type { Found } from './number-check.js'
import type { ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex } from '../paper/paper-index.js'
import type { Anchor } from './statements.js'

/** Less evidence tells nothing of the place. */
const LEAST_WEIGHT = 5
const LEAST_WORDS = 3
/** Two words that are this rare do as well. */
const MUCH_WEIGHT = 10
const RUN_OVER = 0.6
/**
 * Shares of the best other page's evidence below which a page is wrong: with numbers or quotations, with words alone. By hand, on
 * half of the papers of decision 16; `bench/grounding/run.ts` says how many faults and true statements another would tell wrong.
 */
const WRONG_BY_FACTS = 0.65
const WRONG_BY_WORDS = 0.38
/** A number of many digits stands on the page all the same. */
const WRONG_BY_CHANCE = 0.25

/** Returns the pages that anchors mean, and null if one of them means no page (the corpus, a label the paper lacks). */
export function pagesOf(index: PaperIndex, anchors: readonly Anchor[]): Set<number> | null {
  if (anchors.length === 0 || !index.hasPages) return null
  const pages = new Set<number>()
  for (const { kind, target } of anchors) {
    if (kind === 'page') pages.add(Number(target))
    else if (kind === 'label') {
      const home = homeOf(index, target)
      if (home.length === 0) return null
      for (const page of home) pages.add(page)
    } else if (kind === 'abstract') for (const page of abstractPages(index)) pages.add(page)
    else return null
  }
  return pages
}

function homeOf(index: PaperIndex, target: string): readonly number[] {
  const [kind = '', number = ''] = target.split(' ')
  if (kind !== 'section' && kind !== 'appendix') return index.labels.get(target)?.slice(0, 1) ?? []
  const within = index.sections.filter(
    (section) => section.number === number || section.number.startsWith(`${number}.`),
  )
  const pages = within.flatMap(({ from, to }) =>
    Array.from({ length: Math.min(60, to - from + 1) }, (_, n) => from + n),
  )
  return pages.length > 0 ? pages : (index.labels.get(target)?.slice(0, 1) ?? [])
}

function abstractPages(index: PaperIndex): number[] {
  const section = index.sections.find(({ title }) => /^abstract/i.test(title))
  const first = [...index.pages][0] ?? 0
  return section === undefined ? [first, first + 1] : [section.from, section.from + 1]
}

/** Returns whether what an anchor names exists. */
export function exists(index: PaperIndex, anchor: Anchor, hasCorpus: boolean): boolean {
  if (anchor.kind === 'corpus') return hasCorpus
  if (anchor.kind === 'abstract') return true
  if (anchor.kind === 'page') return index.pages.has(Number(anchor.target))
  return index.labels.has(anchor.target)
}

/** What a statement says that pages can be looked through for. */
export interface Said {
  /** Keys of its words. */
  words: ReadonlySet<string>
  numbers: readonly ReadNumber[]
  /** Pages on which its quotations stand. */
  quoted: readonly number[]
}

/**
 * Returns whether a statement stands on the page that an anchor names. Of several pages cited together each may bear a part only:
 * then it is enough that nothing speaks against it in what the other ones do not say.
 *
 * @param evidence for all that the statement says.
 */
export function judgeCited(
  index: PaperIndex,
  page: number,
  cited: ReadonlySet<number>,
  said: Said,
  evidence: Evidence,
): Found {
  const whole = judgePage(index, page, cited, said.words, evidence)
  if (cited.size === 1 || whole.verdict === 'supported') return whole
  const others = [...cited].filter((one) => one !== page)
  const words = new Set(
    [...said.words].filter((word) => !others.some((one) => index.wordPages.get(word)?.includes(one))),
  )
  const numbers = said.numbers.filter(
    ({ keys }) => !keys.some((key) => others.some((one) => index.numbers.get(key)?.has(one))),
  )
  const quoted = said.quoted.filter((one) => !others.includes(one))
  return judgePage(index, page, cited, words, evidenceFor(index, '', words, numbers, quoted))
}

/** A page is wrong if another one, not cited, agrees clearly better. */
function judgePage(
  index: PaperIndex,
  page: number,
  cited: ReadonlySet<number>,
  words: ReadonlySet<string>,
  { pages, strong, telling }: Evidence,
): Found {
  // A paragraph may go over to the next page.
  const here = Math.max(pages.get(page) ?? 0, (pages.get(page + 1) ?? 0) * RUN_OVER)
  let [best, there] = [page, 0]
  for (const [one, weight] of pages) {
    if (!cited.has(one) && weight > there) [best, there] = [one, weight]
  }
  const isBetter =
    there >= LEAST_WEIGHT &&
    here < there * (telling.has(page) ? WRONG_BY_CHANCE : strong ? WRONG_BY_FACTS : WRONG_BY_WORDS)
  const shared = isBetter
    ? [...words].filter((word) => index.wordPages.get(word)?.includes(best) === true).length
    : 0
  return isBetter && (strong || shared >= LEAST_WORDS || there >= MUCH_WEIGHT)
    ? { verdict: 'elsewhere', why: `it seems to stand on p. ${best}` }
    : { verdict: 'supported', why: '' }
}
