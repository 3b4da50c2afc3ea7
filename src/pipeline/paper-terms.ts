import { UsageError } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import { requireExecutions } from '../db/executions/named.js'
import { paperTextOf } from '../db/executions/results.js'
import type { Db } from '../db/engine/prepared.js'
import { named, tagsOf } from '../report/terms/tags.js'
import { loadTerminology } from './config/load-terminology.js'
import type { FileTerms } from './file-terms.js'
import { corpusVocabulary } from './vocabulary.js'

/**
 * Returns the tags of papers of the DB, found in the text it holds, in the order of the ids, each with the number of reports that
 * have it; `file` is the paper's id.
 *
 * @throws UsageError `unknown_paper`; `no_text` for a paper whose text the DB does not hold. ConfigError as `loadTerminology`.
 */
export async function paperTerms(db: Db, settings: Settings, ids: readonly string[]): Promise<FileTerms[]> {
  const { canonical } = loadTerminology(settings)
  const { terms: known } = await corpusVocabulary(db, settings)
  const counts = new Map(known.map(({ term, reports }) => [term, reports]))
  const names = new Map(known.flatMap(({ term, forms }) => forms.map(({ form }) => [form, term] as const)))
  const papers: FileTerms[] = []
  for (const { execution_id: id, arxiv_id: name } of await requireExecutions(db, ids)) {
    const paper = await paperTextOf(db, id)
    if (paper === null)
      throw new UsageError('no_text', `The DB does not hold the text of ${name}.`, {
        hint: 'It is read by `rpa prep`.',
      })
    const tags = named(tagsOf(paper), (tag) => names.get(tag) ?? canonical(tag))
    papers.push({
      file: name,
      terms: tags.map(({ tag, ...found }) => ({ term: tag, ...found, reports: counts.get(tag) ?? 0 })),
    })
  }
  return papers
}
