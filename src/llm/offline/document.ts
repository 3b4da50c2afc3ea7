import { captionOf } from '../../text/captions.js'
import { asideOf, headingOf, PAGE_MARK } from '../../text/paper-text.js'
import { contentStems } from '../../text/words.js'
import { hasLetterNumber, kindsOfHeading, type SectionKind } from './headings.js'
import { isQuotable, plainInline, stripControls } from './quotable.js'
import { splitSentences } from '../../text/sentences.js'

export interface Section {
  /** Heading as printed, fit to be shown; empty before the first heading. */
  heading: string
  level: number
  kinds: readonly SectionKind[]
  /** Page on which the heading stands. */
  page: number | null
}

export interface Sentence {
  text: string
  /** Page on which it begins; null where it is known from the metadata alone. */
  page: number | null
  /** Page on which it ends. */
  endPage: number | null
  section: Section
  /** 0 = first of the paper, 1 = last. */
  place: number
  /** Position in its paragraph, from 0. */
  inParagraph: number
  /** Number of its paragraph. */
  paragraph: number
  stems: ReadonlySet<string>
  /** Closeness to what the whole paper is about, 0–1. */
  centrality: number
}

export interface Caption {
  label: string
  text: string
  page: number | null
}

export interface PaperDocument {
  title: string
  sections: Section[]
  /** Only sentences that can be quoted alone. */
  sentences: Sentence[]
  captions: Caption[]
  /** The running text, cleaned of page marks: what acronyms and cues about the whole are looked for in. */
  text: string
  /** Where pages begin in `text`. */
  pageStarts: { offset: number; page: number }[]
}

/** More text than any paper has; what comes after it is not read, so that a hostile text costs no more than a long one. */
const MAX_TEXT = 1_500_000

/** Reads a paper in the paper-text format; the abstract of the metadata stands in where the text has none. */
export function parsePaper(title: string, abstract: string, paperText: string): PaperDocument {
  const reader = new PaperReader()
  // A run without a blank is no prose; the replacement character keeps its sentence from being quoted.
  const text = stripControls(paperText.slice(0, MAX_TEXT))
    .replace(/\S{300,}/g, '\uFFFD')
    .replace(/[^\S\n]+/g, ' ')
  for (const line of text.split('\n')) reader.line(line)
  const { draft } = reader
  if (!draft.some((s) => s.section.kinds.includes('abstract'))) draft.unshift(...abstractSentences(abstract))
  placeUnheaded(draft)
  return {
    title: plainInline(title, 300),
    sections: reader.sections,
    sentences: finish(draft, title),
    captions: reader.captions,
    text: reader.clean.join('\n'),
    pageStarts: reader.pageStarts,
  }
}

/** Returns the page of an offset into `document.text`, null before the first page mark. */
export function pageAt(document: PaperDocument, offset: number): number | null {
  return document.pageStarts.findLast((start) => start.offset <= offset)?.page ?? null
}

type Draft = Omit<Sentence, 'place' | 'stems' | 'centrality'>

class PaperReader {
  readonly draft: Draft[] = []
  readonly captions: Caption[] = []
  readonly clean: string[] = []
  readonly pageStarts: { offset: number; page: number }[] = []
  readonly sections: Section[] = [{ heading: '', level: 1, kinds: [], page: null }]
  #section: Section = { heading: '', level: 1, kinds: [], page: null }
  #page: number | null = null
  #offset = 0
  #parents: Section[] = []
  #paragraphs = 0
  #concluded = false

  line(raw: string): void {
    const heading = headingOf(raw)
    if (heading !== null) {
      this.#heading(heading.level, heading.title)
      return
    }
    const { text, starts } = this.#withoutPageMarks(raw)
    for (const start of starts) this.pageStarts.push({ offset: this.#offset + start.at, page: start.page })
    if (!this.#section.kinds.includes('back')) {
      this.clean.push(text)
      this.#offset += text.length + 1
    }
    const aside = asideOf(text)
    if (aside !== null) this.#caption(aside)
    else if (text !== '') this.#paragraph(text, starts)
    this.#page = starts.at(-1)?.page ?? this.#page
  }

  #withoutPageMarks(raw: string): { text: string; starts: { at: number; page: number }[] } {
    const starts: { at: number; page: number }[] = []
    let text = ''
    let last = 0
    let page = this.#page ?? 0
    for (const match of raw.matchAll(PAGE_MARK)) {
      const number = Number(match[1])
      // Pages only go up: a mark that goes back is the paper's own words.
      if (number <= page) continue
      page = number
      text += raw.slice(last, match.index)
      if (text !== '') text += ' '
      starts.push({ at: text.length, page })
      last = match.index + match[0].length
    }
    return { text: (text + raw.slice(last)).trimEnd(), starts }
  }

  #heading(level: number, printed: string): void {
    this.#parents = this.#parents.filter((parent) => parent.level < level)
    const kinds = this.#kindsOf(printed, level)
    this.#section = { heading: plainInline(printed, 70), level, kinds, page: this.#page }
    this.#parents.push(this.#section)
    this.sections.push(this.#section)
    if (kinds.includes('conclusion') || kinds.includes('back')) this.#concluded = true
  }

  #kindsOf(printed: string, level: number): SectionKind[] {
    const own = kindsOfHeading(printed)
    const parent = this.#parents.at(-1)
    if (parent !== undefined && (parent.kinds.includes('appendix') || parent.kinds.includes('back')))
      return [...parent.kinds]
    if (level === 1 && this.#concluded && hasLetterNumber(printed) && own[0] !== 'limitations')
      return ['appendix']
    return own.length > 0 ? own : [...(parent?.kinds ?? [])]
  }

  #caption(text: string): void {
    const caption = captionOf(text)
    if (caption !== null) this.captions.push({ ...caption, page: this.#page })
  }

  #paragraph(text: string, starts: readonly { at: number; page: number }[]): void {
    if (this.draft.length === 0 && RUN_IN_ABSTRACT.test(text))
      this.#section = { heading: 'Abstract', level: 1, kinds: ['abstract'], page: null }
    const paragraph = ++this.#paragraphs
    const isItem = BULLET.test(text) && this.#section.kinds.some((kind) => LISTED.has(kind))
    splitSentences(text).forEach((span, inParagraph) => {
      const pageOf = (at: number): number | null =>
        starts.findLast((start) => start.at <= at)?.page ?? this.#page
      const page = pageOf(span.start)
      const endPage = pageOf(span.start + span.text.length - 1)
      const whole = span.text.replace(/\s+/g, ' ')
      const sentence = inParagraph === 0 ? withoutRunInHeading(whole.replace(BULLET, '')) : whole
      if (isQuotable(sentence, isItem))
        this.draft.push({ text: sentence, page, endPage, section: this.#section, inParagraph, paragraph })
    })
  }
}

/** `Case Study Note that …`: a heading set in the first line of its paragraph. */
const RUN_IN =
  /^(?!(?:In|On|At|For|From|With|To|By|As|If|While|When|Since|Although|Given|Using|After|Let|But|And|However|Because|Though|Unlike|Under|Until|Whereas|That|This) )(?:[\p{Lu}\d][\p{L}\d/-]*\.?(?: (?:and|of|for|the|in|on|to|with|vs\.?))* ){1,6}(?=(?:The|We|In|On|For|Note|Our|This|These|It|A|An|To|As|Recently|There|Given|Unlike|While|When|Here|Following|Since|By|Next|First|Another|Although|Many|Most|Several|Some|One|Let|After|Previous|Prior|All|Each)\b[ ,])/u

/** What is to be done, and what is not, often stands in a list. */
const LISTED: ReadonlySet<SectionKind> = new Set(['future', 'limitations'])
const BULLET = /^(?:[•◦▪‣∙*–-]|\(?\d{1,2}[.)]|\([a-z]\))\s+/u

const RUN_IN_ABSTRACT = /^abstract\s?[—–:.-]\s?/i

function withoutRunInHeading(text: string): string {
  return text.replace(RUN_IN_ABSTRACT, '').replace(RUN_IN, '')
}

function abstractSentences(abstract: string): Draft[] {
  const section: Section = { heading: 'Abstract', level: 1, kinds: ['abstract'], page: null }
  const text = stripControls(abstract.slice(0, MAX_TEXT)).replace(/\s+/g, ' ')
  return splitSentences(text)
    .filter((span) => isQuotable(span.text))
    .map((span, inParagraph) => ({
      text: span.text,
      page: null,
      endPage: null,
      section,
      inParagraph,
      paragraph: 0,
    }))
}

/** Text under headings that name no kind: before the results it is method, after them discussion; at the ends of a paper without headings, introduction and conclusion. */
function placeUnheaded(draft: Draft[]): void {
  const firstResult = draft.findIndex((s) => s.section.kinds.includes('results'))
  const hasKinds = draft.some((s) => s.section.kinds.length > 0 && s.section.kinds[0] !== 'abstract')
  const placed = new Map<string, Section>()
  draft.forEach((sentence, index) => {
    const { section } = sentence
    if (section.kinds.length > 0) return
    const place = index / draft.length
    let kind: SectionKind = firstResult < 0 || index < firstResult ? 'method' : 'discussion'
    if (!hasKinds) kind = place < 0.12 ? 'introduction' : place > 0.92 ? 'conclusion' : 'plain'
    else if (section.heading === '') kind = 'plain'
    const key = `${section.heading}\n${kind}`
    const replaced = placed.get(key) ?? { ...section, kinds: [kind] }
    placed.set(key, replaced)
    sentence.section = replaced
  })
}

/** Adds place, stems and centrality: the cosine of a sentence's tf-idf vector with that of the whole paper and its title. */
function finish(draft: readonly Draft[], title: string): Sentence[] {
  const stems = draft.map((s) => new Set(contentStems(s.text)))
  const frequency = new Map<string, number>()
  for (const set of stems) for (const stem of set) frequency.set(stem, (frequency.get(stem) ?? 0) + 1)
  const titleStems = new Set(contentStems(title))
  const weight = (stem: string): number => Math.log(1 + draft.length / (frequency.get(stem) ?? 1))
  let norm = 0
  for (const [stem, count] of frequency) norm += (count * weight(stem)) ** 2
  const raw = stems.map((set) => {
    let dot = 0
    let own = 0
    for (const stem of set) {
      const w = weight(stem)
      dot += (frequency.get(stem) ?? 0) * w * w * (titleStems.has(stem) ? 1.5 : 1)
      own += w * w
    }
    return own === 0 || set.size < 4 ? 0 : dot / Math.sqrt(own * norm)
  })
  const most = raw.reduce((a, b) => Math.max(a, b), 1e-9)
  return draft.map((s, i) => ({
    ...s,
    place: draft.length < 2 ? 0 : i / (draft.length - 1),
    stems: stems[i] ?? new Set<string>(),
    centrality: (raw[i] ?? 0) / most,
  }))
}
