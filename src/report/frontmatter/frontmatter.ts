import { stringify } from 'yaml'
import { CORE_CONTRIBUTION } from '../../core/report-sections.js'
import { findArtifacts } from '../paper/artifacts.js'
import { changeFacts } from './mark-changes.js'
import { offlineSections } from '../offline-sections.js'
import { exhibitsOf } from '../paper/exhibits.js'
import { sourceUrl, splitAuthors } from '../quick-facts.js'
import type { ReportInput, ReportQuality } from '../report-input.js'
import { resultsOf } from './results-table.js'
import { oneLine } from '../markdown/sanitize.js'
import { findCompute, findSettings } from '../paper/training-settings.js'

/** Version of the report format: sections and frontmatter keys. */
export const REPORT_FORMAT = 5

const MAX_AUTHORS = 100
const LONGEST_REMARK = 400
const LONGEST_ABSTRACT = 4000
/** A thesis has hundreds of sections. */
const MAX_CUT_TITLES = 20

/** Returns the frontmatter as data; the first seven keys, in this order, are what readers of earlier reports rely on. */
export function buildFrontmatter(input: ReportInput, quality: ReportQuality): Record<string, unknown> {
  const { paper, provenance } = input
  const models = Object.fromEntries(
    Object.entries(provenance.models).flatMap(([writer, model]) => (model ? [[writer, oneLine(model)]] : [])),
  )
  return {
    ver: REPORT_FORMAT,
    title: oneLine(paper.title),
    arxiv_id: oneLine(paper.arxiv_id),
    source_url: sourceUrl(input),
    model: [...new Set(Object.values(models))].join(', '),
    tags: [...new Set(input.tags.map(oneLine))].filter((tag) => tag !== ''),
    core_contribution: coreContribution(input),
    authors: splitAuthors(paper.authors ?? '')
      .slice(0, MAX_AUTHORS)
      .map(oneLine),
    abstract: oneLine(paper.abstract ?? '').slice(0, LONGEST_ABSTRACT) || null,
    published: oneLine(paper.published_at ?? '').slice(0, 10) || null,
    report_version: provenance.report_version ?? 1,
    ...(provenance.earlier_report == null ? {} : { earlier_report: provenance.earlier_report }),
    generator: `rpa ${oneLine(provenance.rpa_version)}`,
    pipeline: provenance.pipeline ?? 'full',
    config: { ...provenance.config_versions },
    models,
    offline: offlineState(input),
    requests: { cheap: provenance.requests.cheap, expensive: provenance.requests.expensive },
    created_at: provenance.finished_at,
    duration_s: provenance.duration_ms == null ? null : provenance.duration_ms / 1000,
    text_cut: textCut(input),
    paper: paperFacts(input),
    ...factsOf(input),
    quality: { ...quality, injection: quality.injection.map(oneLine) },
    tag_scores: (input.tag_scores ?? []).map(({ tag, ...found }) => ({ tag: oneLine(tag), ...found })),
  }
}

/** Returns the frontmatter block with its `---` lines. */
export function renderFrontmatter(data: Record<string, unknown>): string {
  return `---\n${renderYaml(data)}---\n`
}

/** Returns lines of frontmatter. Every string is quoted, so that no reader takes an id for a number or `no` for false. */
export function renderYaml(data: Record<string, unknown>): string {
  const yaml = stringify(data, {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    aliasDuplicateObjects: false,
  })
  // Viewers that know no frontmatter show it as Markdown: in quoted strings, escapes mean the same to YAML and nothing to them.
  return yaml.replace(/<(?=[A-Za-z/!?])/g, '\\x3c').replace(/\]\(/g, ']\\x28')
}

function coreContribution(input: ReportInput): string {
  const text = oneLine(input.sections.get(CORE_CONTRIBUTION) ?? '')
  return text.replace(/^[-*]\s+/, '').replace(/\*\*/g, '')
}

function offlineState(input: ReportInput): boolean | 'partial' {
  const { offline, total } = offlineSections(input)
  if (offline.length === 0) return false
  return offline.length === total ? true : 'partial'
}

/** Writers whose model was not given the whole text, each with the titles of what it lacked. */
function textCut({ provenance }: Pick<ReportInput, 'provenance'>): Record<string, string[]> {
  const cut: Record<string, string[]> = {}
  for (const [writer, titles] of Object.entries(provenance.text_cut ?? {})) {
    if (titles.length === 0) continue
    const shown = titles.slice(0, MAX_CUT_TITLES).map((title) => oneLine(title) || 'text without a heading')
    const more = titles.length - shown.length
    cut[writer] = more > 0 ? [...shown, `… and ${more} more`] : shown
  }
  return cut
}

/** What the paper gives, as data, found without a request. */
function factsOf({ sections, kind, paper, paper_text: text }: ReportInput): Record<string, unknown> {
  const artifacts = findArtifacts(text ?? '', paper.title ?? '')
  return {
    kind: kind ?? null,
    results: resultsOf(sections.get('Key Results') ?? '').map(inPlainLines),
    artifacts: artifacts.map(inPlainLines),
    exhibits: exhibitsOf(text ?? '').map(inPlainLines),
    compute: findCompute(text ?? '').map(inPlainLines),
    settings: findSettings(kind ?? 'method', text ?? ''),
  }
}

/** Texts of strangers, each on one line without what nobody sees. */
function inPlainLines<T extends object>(facts: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? oneLine(value) : value]),
  )
}

/** What a page prints may be anything, at any length. */
function printed(name: string, values: readonly string[] = []): Record<string, string[]> {
  const lines = values.map((value) => oneLine(value).slice(0, LONGEST_REMARK)).filter((line) => line !== '')
  return lines.length === 0 ? {} : { [name]: lines.slice(0, MAX_AUTHORS) }
}

function paperFacts({ paper, provenance, changes }: ReportInput): Record<string, unknown> {
  return {
    ...(changes == null ? {} : changeFacts(changes, paper.version ?? null)),
    version: paper.version ?? null,
    categories: oneLine(paper.categories ?? '')
      .split(' ')
      .filter((name) => name !== ''),
    doi: oneLine(paper.doi ?? '') || null,
    ...(paper.arxiv_stamp == null ? {} : { arxiv_stamp: oneLine(paper.arxiv_stamp) }),
    journal_ref: oneLine(paper.journal_ref ?? '').slice(0, LONGEST_REMARK) || null,
    license: oneLine(paper.license ?? '').slice(0, LONGEST_REMARK) || null,
    comment: oneLine(paper.comment ?? '').slice(0, LONGEST_REMARK) || null,
    ...(paper.retracted === true ? { retracted: true } : {}),
    ...printed('affiliations', paper.affiliations),
    ...printed('keywords', paper.keywords),
    pages: paper.pages ?? null,
    references: paper.reference_count ?? null,
    extractor: provenance.extractor ?? null,
    text_sha256: provenance.text_sha256 ?? null,
    pdf_sha256: provenance.pdf_sha256 ?? null,
    pdf_source: provenance.pdf_source ?? null,
    text_cut: Object.keys(textCut({ provenance })).length > 0,
    hidden_characters: provenance.hidden_characters ?? 0,
  }
}
