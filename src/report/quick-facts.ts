import { isLocalId } from '../core/arxiv-id.js'
import { findArtifacts } from './paper/artifacts.js'
import { NEAREST, neighborsLine } from './neighbor-lines.js'
import { venueOf } from './venue.js'
import type { ReportInput } from './report-input.js'
import { CORE_CONTRIBUTION } from '../core/report-sections.js'
import { inlineText, oneLine } from './markdown/sanitize.js'

const MAX_AUTHORS = 12
const MAX_ARTIFACTS = 4

/** Returns the section that code writes alone: what is known of the paper, its neighbourhood, and who wrote the rest. What is not known has no line. */
export function quickFacts(input: ReportInput): string {
  const { paper, provenance } = input
  const facts: [string, string | null][] = [
    ['In short', textOrNull(input.sections.get(CORE_CONTRIBUTION))],
    identity(input),
    ['Authors', authorsLine(splitAuthors(paper.authors ?? ''))],
    ['Published', textOrNull(paper.published_at?.slice(0, 10))],
    ['Journal', textOrNull(paper.journal_ref) ?? venueOf(input)],
    ['DOI', textOrNull(paper.doi)],
    ["Authors' comment", textOrNull(paper.comment)],
    ['Licence', textOrNull(paper.license)],
    ['Kind of paper', input.kind ?? null],
    ['Categories', textOrNull(paper.categories)],
    ['Length', lengthLine(paper.pages ?? null, paper.reference_count ?? null)],
    ['Code, data, models', artifactsLine(input.paper_text ?? '', input.paper.title ?? '')],
    ['Corpus signals', signalsLine(input.signals ?? null)],
    ['Models', modelsLine(provenance.models)],
    ['Requests', `${provenance.requests.cheap} cheap, ${provenance.requests.expensive} expensive`],
    [NEAREST, neighborsLine(input.neighbors ?? [])],
  ]
  return facts
    .flatMap(([name, value]) =>
      value === null ? [] : [`- **${name}:**${value.startsWith('\n') ? '' : ' '}${value}`],
    )
    .join('\n')
}

/** What the paper is known by: its id, with its address if it has one. */
function identity(input: ReportInput): [string, string] {
  const { arxiv_id, version } = input.paper
  const [id, url] = [inlineText(arxiv_id), sourceUrl(input)]
  if (url === null) return ['Paper', id]
  return ['arXiv', `[${id}](${url})${version ? ` v${version}` : ''}`]
}

/**
 * Returns the address of the paper: the given one if it is http(s), else its page on arxiv.org; null for a PDF that was
 * seeded itself.
 */
export function sourceUrl({ paper }: Pick<ReportInput, 'paper'>): string | null {
  const given = paper.source_url?.trim() ?? ''
  if (/^https?:\/\/[^\s<>()"'\\]+$/i.test(given)) return given
  if (isLocalId(paper.arxiv_id)) return null
  const id = encodeURI(oneLine(paper.arxiv_id)).replace(
    /[()?#'"]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
  return `https://arxiv.org/abs/${id}`
}

/** Returns the names in an author line: parted by commas, semicolons, `and`; a JSON list is read as one. */
export function splitAuthors(authors: string): string[] {
  const listed = authors.trim().startsWith('[') ? jsonNames(authors) : null
  const names = listed ?? outsideBrackets(authors.replace(/\s+/g, ' ')).split(/[,;\n]| and /)
  return names
    .map((name) =>
      name
        .replace(/\s+/g, ' ')
        .replace(/^ ?and /, '')
        .trim(),
    )
    .filter((name) => name !== '')
}

/** Affiliations stand in brackets and hold commas: both go. */
function outsideBrackets(text: string): string {
  let depth = 0
  return [...text]
    .filter((sign) => {
      if (sign === '(') depth++
      else if (sign === ')' && depth > 0) {
        depth--
        return false
      }
      return depth === 0
    })
    .join('')
}

function jsonNames(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : null
  } catch {
    return null
  }
}

function authorsLine(names: readonly string[]): string | null {
  if (names.length === 0) return null
  const shown = names.slice(0, MAX_AUTHORS).map(inlineText).join(', ')
  return names.length > MAX_AUTHORS ? `${shown} and ${names.length - MAX_AUTHORS} more` : shown
}

function lengthLine(pages: number | null, references: number | null): string | null {
  const parts = [
    pages === null ? null : `${pages} ${pages === 1 ? 'page' : 'pages'}`,
    references === null ? null : `${references} references`,
  ]
  const known = parts.filter((part) => part !== null)
  return known.length === 0 ? null : known.join(', ')
}

/** What can be fetched, with the page that names it; what the paper itself offers, where its words say so. */
function artifactsLine(paperText: string, title: string): string | null {
  const found = findArtifacts(paperText, title).filter(({ kind }) => kind !== 'other')
  const own = found.filter((one) => one.own)
  const shown = own.length === 0 ? found : own
  if (shown.length === 0) return null
  return shown
    .slice(0, MAX_ARTIFACTS)
    .map(({ url, kind, page }) => `${kind} ${inlineText(url)}${page === null ? '' : ` [p. ${page}]`}`)
    .join('; ')
}

function signalsLine(signals: ReportInput['signals']): string | null {
  if (signals === null || signals === undefined) return null
  const parts: [string, number | null | undefined][] = [
    ['papers near it', signals.neighbors_considered],
    ['used', signals.neighbors_used],
    ['mean relevance score', signals.avg_fmr_score],
    ['mean citations', signals.avg_cited_by_count],
    ['highest h-index', signals.max_h_index],
  ]
  const known = parts.flatMap(([name, value]) =>
    typeof value === 'number' ? [`${name} ${round(value)}`] : [],
  )
  return known.length === 0 ? null : known.join(', ')
}

function modelsLine(models: Readonly<Record<string, string | null | undefined>>): string | null {
  const writers = new Map<string, string[]>()
  for (const [writer, model] of Object.entries(models)) {
    if (model) writers.set(model, [...(writers.get(model) ?? []), writer.replaceAll('_', ' ')])
  }
  if (writers.size === 0) return null
  return [...writers]
    .map(([model, names]) => `${inlineText(model)} (${names.map(inlineText).join(', ')})`)
    .join('; ')
}

function textOrNull(text: string | null | undefined): string | null {
  const line = inlineText(text ?? '')
  return line === '' ? null : line
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
