import { captionOf } from '../../text/captions.js'
import { KEYWORDS } from '../../text/keyword-lists.js'
import { asideOf, hasHeadings, headingOf, partsOf } from '../../text/paper-text.js'
import { kindOfTitleStart, kindOfWholeTitle, withoutNumber } from '../../text/section-titles.js'

export type TermSource = 'title' | 'abstract' | 'keywords' | 'headings' | 'captions' | 'text' | 'acronym'

/** A stretch of a paper that is read as one: a title, a heading, a paragraph. */
export interface Zone {
  source: TermSource
  text: string
}

export interface TermInput {
  title?: string
  abstract?: string
  /** The authors' own, where they are known from elsewhere than the text. */
  keywords?: readonly string[]
  text: string
}

const LONGEST_TEXT = 600_000
const PLAIN_HEADING = /^(?:(?:\d+(?:\.\d+)*|[IVX]+)\.? +)?([A-Z][\p{L}][^.!?,;:=()]{2,58})$/u
const NUMBERED = /^(?:\d+(?:\.\d+)*|[IVX]+)\.? +[A-Z]/
/** The list went on behind a page or a column. */
const CUT_OFF = /\S+-$/
/** The same list in another language follows on the line. */
const SECOND_LIST = /[\s.;]*\b(?:key ?-?words|mots?[- ]cl(?:é|e)s?|palabras clave) *:\s*/giu
/** `Src homology 3 (SH3) domain` is one keyword. */
const ASIDE = / \([^()]*\)/g
const ABSTRACT =
  /^(?:#+ *)?(?:abstract|zusammenfassung|kurzfassung|r(?:é|e)sum(?:é|e)n?|resumo|riassunto)(?!\p{L}) *[:.—–-]* */iu
/** A longer line is no title. */
const LONGEST_TITLE = 60

/** Parts a paper into zones; headings are read from the paper-text format or guessed in plain text. */
export function zonesOf(input: TermInput): Zone[] {
  const marked = hasHeadings(input.text)
  const text = input.text.slice(0, LONGEST_TEXT)
  const lines = (marked ? matterOf(text) : text).split(/\r\n?|\n/)
  const reader = new ZoneReader(marked)
  if (given(input.title)) reader.zones.push({ source: 'title', text: input.title })
  if (given(input.abstract)) reader.zones.push({ source: 'abstract', text: input.abstract })
  for (const text of input.keywords ?? [])
    if (!CUT_OFF.test(text))
      reader.zones.push({
        source: 'keywords',
        text: text.replaceAll(ASIDE, ''),
      })
  reader.needsTitle = !given(input.title)
  reader.ownAbstract = !given(input.abstract)
  const end = lines.findIndex((line, i) => i > lines.length * 0.4 && isReferences(line.trim()))
  for (const line of end < 0 ? lines : lines.slice(0, end)) reader.line(line.trim())
  reader.flush()
  return reader.ownAbstract ? withOpening(reader.zones) : reader.zones
}

/** A section of what was put to a model, or asked of the makers of a data set. */
const FORMS =
  /\bprompts?\b(?!.{0,20}\b(?:learning|tuning|engineering|optimi[sz]ation|injection))|\bdata ?sheet|\bmodel card|\bquestionnaire|\bchecklist|\binstructions (?:to|for)\b|\b(?:sample|example|generated) (?:outputs?|responses?|dialogues?|conversations?)/i

/** Returns a paper without what stands behind its body, and without prompts and data sheets. */
function matterOf(text: string): string {
  return partsOf(text)
    .filter(({ rank, title }) => rank !== 'appendix' && rank !== 'end-matter' && !FORMS.test(title))
    .flatMap(({ units }) => units.map((unit) => unit.glue + unit.text))
    .join('')
}

function isReferences(line: string): boolean {
  return mayBeTitle(line) && kindOfWholeTitle(titleOf(line)) === 'references'
}

/** A title of what says nothing of the paper's matter. */
function isBoilerplate(line: string): boolean {
  if (!mayBeTitle(line)) return false
  const kind = kindOfTitleStart(titleOf(line))
  return kind === 'acknowledgements' || kind === 'statement'
}

function mayBeTitle(line: string): boolean {
  return line.length < LONGEST_TITLE && /^[\p{Lu}\d#]/u.test(line)
}

function titleOf(line: string): string {
  return headingOf(line)?.title ?? line
}

function given(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

const OPENING = 1500

/** Where no abstract was found, the first words stand in for it. */
function withOpening(zones: Zone[]): Zone[] {
  if (zones.some((zone) => zone.source === 'abstract')) return zones
  let length = 0
  return zones.map((zone) => {
    if (zone.source !== 'text' || length > OPENING) return zone
    length += zone.text.length
    return { ...zone, source: 'abstract' as const }
  })
}

const LONGEST_ABSTRACT = 2500

class ZoneReader {
  readonly zones: Zone[] = []
  needsTitle = false
  ownAbstract = true
  #source: TermSource = 'text'
  #buffer: string[] = []
  #length = 0

  readonly #marked: boolean

  constructor(marked: boolean) {
    this.#marked = marked
  }

  line(line: string): void {
    if (line === '' || /^\[p\. \d+\]$/.test(line)) {
      this.flush()
      if (this.#source === 'captions' || this.#source === 'keywords') this.#source = 'text'
      return
    }
    if (this.needsTitle) {
      this.needsTitle = false
      if (line.length < 250) {
        this.#push('title', line.replace(/^#+ */, ''))
        return
      }
    }
    if (KEYWORDS.test(line)) this.#enter('keywords', line.replace(KEYWORDS, ''))
    else if (ABSTRACT.test(line) && !this.zones.some((zone) => zone.source === 'text'))
      this.#enter(this.ownAbstract ? 'abstract' : 'text', line.replace(ABSTRACT, ''))
    else if (asideOf(line) !== null || captionOf(line) !== null) {
      const aside = asideOf(line) ?? line
      this.#enter('captions', captionOf(aside)?.text ?? aside)
    } else if (isBoilerplate(line)) this.#enter('text', '')
    else this.#body(line)
  }

  #body(line: string): void {
    const heading = this.#headingOf(line)
    if (heading !== null) {
      this.#enter('headings', heading)
      this.flush()
      this.#source = 'text'
      return
    }
    if (this.#source === 'abstract' && this.#length > LONGEST_ABSTRACT) this.#enter('text', '')
    this.#buffer.push(line)
    this.#length += line.length
  }

  #headingOf(line: string): string | null {
    if (this.#marked) {
      const heading = headingOf(line)
      return heading === null ? null : withoutNumber(heading.title)
    }
    const match = PLAIN_HEADING.exec(line)
    if (match === null) return null
    const shouted = !/\p{Ll}/u.test(line) && /\p{Lu}{4}/u.test(line)
    return NUMBERED.test(line) || shouted ? (match[1] ?? null) : null
  }

  #enter(source: TermSource, first: string): void {
    this.flush()
    this.#source = source
    this.#length = 0
    if (first !== '') this.#buffer.push(first)
  }

  flush(): void {
    if (this.#buffer.length > 0) this.#push(this.#source, this.#buffer.join(' '))
    this.#buffer = []
  }

  #push(source: TermSource, given: string): void {
    const text =
      source === 'keywords'
        ? given.replace(CUT_OFF, '').replaceAll(ASIDE, '').replace(SECOND_LIST, ', ')
        : given
    this.zones.push({ source, text })
  }
}
