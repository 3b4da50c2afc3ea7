import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { durationFlag, idArgs } from '../../cli/flags.js'
import { readIds, requireIds } from '../../cli/ids.js'

const MAX_AGE_MS = 30 * 86_400_000

export default class CorpusEnrich extends BaseCommand {
  static override summary = 'Fill citations and h-indexes of the corpus from OpenAlex.'
  static override description =
    'Asks OpenAlex (with the key in OPENALEX_API_KEY, free at openalex.org) how often papers are cited, by whom they are, and whether they were retracted: fifty papers in two or three requests. Nothing else asks it. What was asked for lately is not asked for again, so the same command goes on where it stopped.'
  static override examples = [
    '<%= config.bin %> corpus enrich --limit 5000',
    '<%= config.bin %> corpus enrich 1706.03762 hep-th/9901001',
    '<%= config.bin %> corpus enrich --older-than 90d',
  ]
  static override strict = false
  static override args = idArgs
  static override flags = {
    limit: Flags.integer({ min: 1, description: 'Papers asked about at most; default: all.' }),
    'older-than': durationFlag({
      helpValue: '30d',
      description: 'Only what was asked for so long ago, or never; default 30d.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(CorpusEnrich)
    const given = argv.map(String)
    requireIds(given)
    const ids = await readIds(given)
    const { settings, log } = await this.begin(flags)
    const [{ openDatabase }, { enrichCorpus }, { renderEnrich, enrichProgress }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/enrich-corpus.js'),
      import('../../cli/render/enrich.js'),
    ])
    const progress = await this.beginProgress('corpus enrich')
    const database = await openDatabase(settings.databaseUrl)
    try {
      const { db, clock } = database
      const work = () =>
        enrichCorpus(
          { db, clock, log, settings, env: process.env },
          {
            ids,
            limit: flags.limit ?? Infinity,
            maxAgeMs: flags['older-than'] ?? MAX_AGE_MS,
            onPage: (counts) => progress.update({ doing: 'corpus enrich', ...enrichProgress(counts) }),
          },
        )
      const result = await this.noted(database, work)
      progress.end()
      this.print(renderEnrich(result))
      return result
    } finally {
      progress.end()
      await database.close()
    }
  }
}
