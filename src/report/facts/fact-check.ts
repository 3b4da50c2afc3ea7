import type { AboutPaper } from './about-paper.js'
import { indexAbstract, judgeAbstract, numbersOfAbstract } from './abstract-check.js'
import { exists, judgeCited, pagesOf } from './anchor-check.js'
import { Comparison } from './comparison.js'
import { evidenceFor } from './evidence.js'
import { labelsIn } from '../paper/labels.js'
import { better, isGood, type Fact } from './fact.js'
import { isClaim, numberFacts } from './number-facts.js'
import { readNumbers, type ReadNumber } from '../numbers/numbers.js'
import { withoutReferences } from '../numbers/reference-numbers.js'
import { indexPaper, type PaperIndex } from '../paper/paper-index.js'
import { QuotableText, quotations } from './quotations.js'
import { NamedSources } from './source-check.js'
import { readStatements, type Anchor, type Statement } from './statements.js'
import { stemsOf } from '../numbers/word-keys.js'

const MAX_SHOWN = 160
/** Words by which a writer says that what follows is no statement of the paper. */
const INFERRED = /\binference\b|\binferred\b|\bby hand\b|\brival explanation\b/i
/** What a reader is asked or asked to do; its numbers are the writer's where no page is named. */
const PROPOSED =
  /\bcomputed\b|\bquestion:|\bresolv\w+ (?:by|evidence)\b|\bholds?(?: \([^)]{0,60}\))?:|\brefuted\b|\bexpect\w*:|\bcheck:/i
/** Items that are the writer's judgement by their label: a page that they name is what they are about. */
const JUDGEMENT = /^\W*(?:core assumption|rival explanation|test)\W*:/i
/** Fewer numbered headings may be some of many that were not seen to be headings. */
const LEAST_SECTIONS = 5
/** A number that may be a section's, before its title. */
const SECTION_NUMBER = /(?<![\d.])(\d{1,2}(?:\.\d{1,2}){0,3})(\.?\s{1,3})(?=\p{L})/gu
const PROPOSALS = new Set(['Next Checks'])

/** Looks up what a report says of one paper, section by section. */
export class FactChecker {
  readonly #index: PaperIndex
  readonly #quotable: QuotableText
  /** Title, abstract and near papers, as the metadata have them: where statements stand that name no page. */
  readonly #beside: PaperIndex
  readonly #besideQuotable: QuotableText
  /** Kinds of labels whose every number a paper's text names somewhere. */
  readonly #numbered: ReadonlySet<string>
  readonly #sources: NamedSources
  /** Null where it cannot be told from the rest of the paper. */
  readonly #abstract: PaperIndex | null
  readonly #about: AboutPaper
  /** Titles of the paper's numbered sections, by number. */
  readonly #headings: ReadonlyMap<string, string>
  readonly #known = new Map<string, readonly Fact[]>()

  constructor(index: PaperIndex, about: AboutPaper) {
    this.#index = index
    this.#about = about
    this.#headings = new Map(
      index.sections
        .filter(({ number, title }) => number !== '' && title !== '')
        .map(({ number, title }) => [number, title]),
    )
    const sections = index.sections.filter(({ number }) => number !== '').length
    this.#numbered = new Set([
      ...(index.hasPages ? ['table', 'figure', 'algorithm'] : []),
      ...(sections >= LEAST_SECTIONS ? ['section'] : []),
    ])
    this.#quotable = new QuotableText(index)
    const beside = [about.title, about.abstract, about.corpus].filter(Boolean).join('\n\n')
    this.#beside = indexPaper(beside)
    this.#besideQuotable = new QuotableText(this.#beside)
    this.#sources = new NamedSources(index, beside)
    this.#abstract = indexAbstract(index.text, about.abstract ?? '')
  }

  /**
   * Returns the facts of each section in their order. A number that the paper does not have is derived where another section works it
   * out: there it is told where it comes from.
   */
  checkAll(sections: ReadonlyMap<string, string>): Map<string, readonly Fact[]> {
    const checked = new Map([...sections].map(([heading, body]) => [heading, this.check(heading, body)]))
    const derived = new Set(
      [...checked.values()].flat().flatMap((fact) => (fact.verdict === 'derived' ? keyOfFact(fact) : [])),
    )
    derived.delete('')
    const isKnown = (fact: Fact): boolean =>
      fact.kind === 'number' && fact.verdict === 'missing' && derived.has(keyOfFact(fact))
    return new Map(
      [...checked].map(([heading, facts]) => [
        heading,
        facts.map((fact) => (isKnown(fact) ? { ...fact, verdict: 'derived', why: '' } : fact)),
      ]),
    )
  }

  /** Returns the facts of a section in their order; each body is looked up once. */
  check(heading: string, body: string): readonly Fact[] {
    const key = `${heading}\n${body}`
    let facts = this.#known.get(key)
    if (facts === undefined) this.#known.set(key, (facts = this.#check(heading, body)))
    return facts
  }

  #check(heading: string, body: string): Fact[] {
    return readStatements(body).flatMap((statement) =>
      this.#facts(heading, { ...statement, text: this.#index.joined(statement.text) }),
    )
  }

  #facts(heading: string, { text, anchors, lead, head }: Statement): Fact[] {
    const pages = pagesOf(this.#index, anchors)
    const abstract =
      anchors.length > 0 && anchors.every(({ kind }) => kind === 'abstract') ? this.#abstract : null
    const said = anchors.length === 0 ? lead + text : text
    const isProposed = anchors.length === 0 && (PROPOSED.test(said) || PROPOSALS.has(heading))
    const isJudgement = JUDGEMENT.test(text)
    const own = isProposed ? 'proposed' : isJudgement || INFERRED.test(said) ? 'inferred' : null
    const numbers = readNumbers(this.#withoutHeadings(withoutReferences(withoutAddresses(text)))).filter(
      ({ role }) => role === 'claim' || role === 'plain',
    )
    const words = new Set(stemsOf(text))
    const comparison =
      pages === null || abstract !== null ? null : new Comparison(this.#index, text, words, pages)
    const quotes = quotations(text)
    const isBeside = pages === null || anchors.some(({ kind }) => kind === 'abstract')
    const counted =
      abstract === null
        ? numberFacts(this.#index, isBeside ? this.#beside : null, {
            text,
            numbers,
            pages,
            own,
            comparison,
            head,
            title: (this.#about.title ?? '').split('\n')[0] ?? '',
            rows: head === '' ? [] : readNumbers(lead.replace(/\[[^\]]*\]/g, blank)),
          })
        : numbersOfAbstract(this.#index, abstract, text, numbers.filter(isClaim))
    // What is worked out from the pages named shares few words with them.
    const isWorkedOut = counted.every(isGood) && counted.some(({ verdict }) => verdict === 'derived')
    return [
      ...this.#anchors(text, words, anchors, numbers, quotes, { isJudgement, isWorkedOut }),
      ...counted,
      ...this.#quotes(quotes, pages, isBeside),
      ...this.#sources.factsIn(text),
      ...this.#labels(text),
    ]
  }

  /** The number of a section that is named by its title is no evidence, nor is how many sentences are told; nothing else moves. */
  #withoutHeadings(text: string): string {
    return text
      .replace(/\b[a-z]+ sentences\b/gi, blank)
      .replace(SECTION_NUMBER, (whole, number: string, gap: string, at: number) => {
        const title = this.#headings.get(number.toLowerCase())
        return title !== undefined && text.startsWith(title, at + whole.length) ? blank(number) + gap : whole
      })
  }

  #quotes(quotes: readonly string[], pages: ReadonlySet<number> | null, isBeside: boolean): Fact[] {
    return quotes.map((quote) => {
      const shown = quote.replace(/\s+/g, ' ')
      const inText = this.#quotable.locate(quote, pages)
      const found =
        isGood(inText) || !isBeside ? inText : better(inText, this.#besideQuotable.locate(quote, null))
      return {
        kind: 'quote',
        text: `"${shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown}"`,
        ...found,
      }
    })
  }

  /** Tables, figures and sections that the text names. */
  #labels(text: string): Fact[] {
    return labelsIn(text)
      .filter(({ key }) => this.#numbered.has(key.split(' ')[0] ?? ''))
      .map(({ key, at, end }) => ({
        kind: 'anchor',
        text: text.slice(at, end),
        verdict: this.#index.labels.has(key) ? 'supported' : 'missing',
        why: '',
      }))
  }

  #anchors(
    text: string,
    words: ReadonlySet<string>,
    anchors: readonly Anchor[],
    numbers: readonly ReadNumber[],
    quotes: readonly string[],
    { isJudgement, isWorkedOut }: { isJudgement: boolean; isWorkedOut: boolean },
  ): Fact[] {
    const cited = new Set(anchors.flatMap(({ kind, target }) => (kind === 'page' ? [Number(target)] : [])))
    const quoted = quotes.flatMap((quote) => this.#quotable.pageOf(quote, cited) ?? [])
    const found =
      cited.size === 0 || isJudgement ? null : evidenceFor(this.#index, text, words, numbers, quoted)
    const evidence = found !== null && isWorkedOut ? { ...found, telling: cited } : found
    return anchors
      .filter(({ kind }) => kind !== 'page' || this.#index.hasPages)
      .map((anchor): Fact => {
        const kind = anchor.kind === 'page' ? 'page' : 'anchor'
        if (!exists(this.#index, anchor, Boolean(this.#about.corpus)))
          return { kind, text: anchor.text, verdict: 'missing', why: 'the paper has none' }
        if (anchor.kind === 'abstract' && this.#abstract !== null)
          return { kind, text: anchor.text, ...judgeAbstract(this.#index, this.#abstract, words) }
        if (kind === 'anchor' || evidence === null)
          return { kind, text: anchor.text, verdict: 'supported', why: '' }
        return {
          kind,
          text: anchor.text,
          ...judgeCited(this.#index, Number(anchor.target), cited, { words, numbers, quoted }, evidence),
        }
      })
  }
}

/** The digits of a number, whose unit may be left out where it is told again. */
function keyOfFact({ text }: Fact): string {
  return /\d[\d.]*\d/.exec(text)?.[0] ?? ''
}

function blank(text: string): string {
  return ' '.repeat(text.length)
}

/** Digits in an address are no numbers; nothing else moves. */
function withoutAddresses(text: string): string {
  return text.replace(/(?:https?:\/\/|www\.|\b10\.\d{4,9}\/)[^\s\]]{1,2000}/gi, blank)
}
