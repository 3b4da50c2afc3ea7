import { BaseCommand } from '../../cli/base-command.js'

export default class CorpusUpdate extends BaseCommand {
  static override summary = 'Fetch what changed at arXiv since the last time.'
  static override description =
    "Asks arXiv for what it changed of the papers that the corpus holds, and goes on with every `corpus fetch` that was made into it. Papers that were read before and have a newer version since, or were withdrawn, are noted: `status` and the frontmatter of reports say so. A crawler's corpus is not written: what its crawler has found is noted."
  static override examples = ['<%= config.bin %> corpus update']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(CorpusUpdate)
    const { settings, log } = await this.begin(flags)
    const [{ openDatabase }, { updateCorpus }, { fetchProgress, renderUpdate }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/update-corpus.js'),
      import('../../cli/render/fetch.js'),
    ])
    const { requireCorpus } = await import('../../pipeline/seed-papers.js')
    requireCorpus(settings, false)
    const progress = await this.beginProgress('corpus update')
    const database = await openDatabase(settings.databaseUrl)
    try {
      const { db, clock } = database
      const onPage = (counts: Parameters<typeof fetchProgress>[0], total: number | null): void =>
        progress.update({ doing: 'corpus update', ...fetchProgress(counts, total) })
      const result = await this.noted(database, () => updateCorpus({ db, clock, log, settings, onPage }))
      progress.end()
      this.print(renderUpdate(result))
      return result
    } finally {
      progress.end()
      await database.close()
    }
  }
}
