import { messageOf, RpaError } from '../core/errors.js'
import { isObject } from '../core/json.js'
import type { Settings } from '../core/settings/settings.js'
import type { Db } from '../db/engine/prepared.js'
import { readReportText } from '../report/read-report.js'
import { Vocabulary, type VocabularyTerm } from '../report/terms/vocabulary.js'
import { findAcronyms } from '../text/acronyms.js'
import { loadTerminology } from './config/load-terminology.js'
import { listReports, showReports } from './reports.js'

/** What `terms --corpus` prints with --json. */
export interface CorpusVocabulary {
  reports: number
  terms: VocabularyTerm[]
  /** Fields by arXiv's taxonomy, the most frequent first. */
  domains: { domain: string; reports: number }[]
  /** Papers whose report cannot be read. */
  unreadable: { arxiv_id: string; code: string; message: string }[]
}

/**
 * Returns the tags of all reports of the DB under one name each, without a request. Reads one report after the other.
 *
 * @throws ConfigError `terminology_invalid`, `terminology_cycle`.
 */
export async function corpusVocabulary(db: Db, settings: Settings): Promise<CorpusVocabulary> {
  const terminology = loadTerminology(settings)
  const vocabulary = new Vocabulary(terminology)
  const domains = new Map<string, number>()
  const result: CorpusVocabulary = { reports: 0, terms: [], domains: [], unreadable: [] }
  for await (const { arxiv_id: id } of listReports(db)) {
    const report = await showReports(db, [id]).catch((error: unknown) => {
      if (!(error instanceof RpaError)) throw error
      result.unreadable.push({ arxiv_id: id, code: error.code, message: messageOf(error) })
      return []
    })
    for (const { markdown } of report) {
      result.reports += 1
      const { tags, frontmatter } = readReportText(markdown)
      vocabulary.add(tags, findAcronyms(markdown))
      for (const domain of new Set(categoriesOf(frontmatter).map((one) => terminology.domainOf(one) ?? one)))
        domains.set(domain, (domains.get(domain) ?? 0) + 1)
    }
  }
  result.terms = vocabulary.terms()
  result.domains = [...domains]
    .map(([domain, reports]) => ({ domain, reports }))
    .sort((one, other) => other.reports - one.reports || (one.domain < other.domain ? -1 : 1))
  return result
}

function categoriesOf(frontmatter: ReturnType<typeof readReportText>['frontmatter']): string[] {
  const paper = isObject(frontmatter) ? frontmatter['paper'] : null
  const categories = isObject(paper) ? paper['categories'] : null
  return Array.isArray(categories) ? categories.filter((one) => typeof one === 'string') : []
}
