import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { dayFlag } from '../../cli/flags.js'
import { readIds } from '../../cli/ids.js'
import { ARXIV_ID_FORMS, arxivIdOf, faultOfId } from '../../core/arxiv-id.js'
import { UsageError } from '../../core/errors.js'

export default class CorpusFetch extends BaseCommand {
  static override summary = 'Fetch metadata from arXiv into the corpus.'
  static override description =
    'Asks arXiv for the papers of a category, a time, a query, an author, or for named ones, one request every three seconds over all processes. Where it stands is saved with each page: the same command goes on there after it was stopped or killed, and fetches only what is new once it was through, as an entry of cron does.'
  static override examples = [
    '<%= config.bin %> corpus fetch --category cs.CL --since 2025-01-01',
    '<%= config.bin %> corpus fetch --query \'"retrieval augmented"\' --until 2024-12-31',
    '<%= config.bin %> corpus fetch --id 1706.03762 --id 2005.14165',
  ]
  static override flags = {
    category: Flags.string({
      multiple: true,
      helpValue: 'CAT',
      description: 'In one of these categories, cross-lists too; cs.* stands for all of cs.',
    }),
    since: dayFlag({ description: 'Published on that day (2025-01-31, or 7d ago) or later.' }),
    until: dayFlag({ description: 'Published on that day or before.' }),
    query: Flags.string({ helpValue: 'WORDS', description: 'Words that title or abstract must hold.' }),
    author: Flags.string({ helpValue: 'NAME', description: 'Words of an author’s name.' }),
    id: Flags.string({
      multiple: true,
      helpValue: 'ID',
      description: 'Just these papers; a file of ids, or - for standard input.',
      exclusive: ['category', 'since', 'until', 'query', 'author'],
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(CorpusFetch)
    const { settings, log } = await this.begin(flags)
    const [{ checkedFilter }, { openDatabase }, { fetchCorpus }, { renderFetch, fetchProgress }] =
      await Promise.all([
        import('../../corpus/arxiv/fetch-filter.js'),
        import('../../db/engine/open.js'),
        import('../../pipeline/fetch-corpus.js'),
        import('../../cli/render/fetch.js'),
      ])
    const ids = await readIds(flags.id ?? [])
    const strange = ids.find((id) => arxivIdOf(id) !== id)
    if (strange !== undefined) {
      const fault = faultOfId(strange)
      const why = fault === null ? '' : `: ${fault}`
      throw new UsageError(
        'bad_arxiv_id',
        `${JSON.stringify(strange.slice(0, 80))} is not an arXiv id${why}.`,
        {
          hint: ARXIV_ID_FORMS,
        },
      )
    }
    const { category, since, until, query, author } = flags
    const chosen =
      ids.length > 0
        ? { ids }
        : { filter: checkedFilter({ categories: category, since, until, query, author }) }
    const progress = await this.beginProgress('corpus fetch')
    const database = await openDatabase(settings.databaseUrl)
    try {
      const { db, clock } = database
      const onPage = (counts: Parameters<typeof fetchProgress>[0], total: number | null): void =>
        progress.update({ doing: 'corpus fetch', ...fetchProgress(counts, total) })
      const result = await this.noted(database, () =>
        fetchCorpus({ db, clock, log, settings, onPage }, chosen),
      )
      progress.end()
      this.print(renderFetch(result))
      return result
    } finally {
      progress.end()
      await database.close()
    }
  }
}
