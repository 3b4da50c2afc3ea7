import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'

export default class Seed extends BaseCommand {
  static override summary = 'Choose papers from the corpus: each becomes a pending execution.'
  static override description =
    "Takes the corpus's queue, best priority first, newest version of each paper only. Papers seeded before are passed over, so seeding again goes on where it stopped. The corpus is only read."
  static override examples = [
    '<%= config.bin %> seed --limit 100',
    '<%= config.bin %> seed --all --category cs.CL --since 2024-01-01',
    '<%= config.bin %> seed --id 2401.01234 --id hep-th/9901001',
  ]
  static override flags = {
    limit: Flags.integer({ default: 500, min: 1, description: 'New papers at most.' }),
    all: Flags.boolean({ description: "All papers of the corpus, not only its queue's pending ones." }),
    category: Flags.string({
      multiple: true,
      helpValue: 'CAT',
      description: 'Only these categories; cs.* stands for all of cs.',
    }),
    since: Flags.string({ helpValue: 'YYYY-MM-DD', description: 'Published on that day or later.' }),
    until: Flags.string({ helpValue: 'YYYY-MM-DD', description: 'Published on that day or before.' }),
    query: Flags.string({ helpValue: 'WORDS', description: 'Words that title or abstract must hold.' }),
    id: Flags.string({ multiple: true, helpValue: 'ID', description: 'Just these papers.' }),
    priority: Flags.integer({ description: "Priority of the new executions; default: the queue's." }),
    'dry-run': Flags.boolean({ description: 'Count, and write nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Seed)
    const { settings, log } = await this.begin(flags)
    const [{ openCorpus }, { openDatabase }, { seed }, { systemClock }] = await Promise.all([
      import('../corpus/open.js'),
      import('../db/engine/open.js'),
      import('../pipeline/seed.js'),
      import('../core/clock.js'),
    ])
    const corpus = openCorpus(settings.corpusDb)
    const database = await openDatabase(settings.databaseUrl)
    try {
      const result = await seed(
        { db: database.db, corpus, clock: systemClock, log },
        {
          limit: flags.limit,
          filter: {
            all: flags.all,
            ...(flags.category === undefined ? {} : { categories: flags.category }),
            ...(flags.since === undefined ? {} : { since: flags.since }),
            ...(flags.until === undefined ? {} : { until: flags.until }),
            ...(flags.query === undefined ? {} : { query: flags.query }),
            ...(flags.id === undefined ? {} : { ids: flags.id }),
          },
          priority: flags.priority ?? null,
          dryRun: flags['dry-run'],
        },
      )
      const { seeded, already, skipped } = result
      this.print(
        `${flags['dry-run'] ? 'would seed' : 'seeded'} ${seeded} papers (${already} already there, ${skipped} skipped)`,
      )
      return result
    } finally {
      corpus.close()
      await database.close()
    }
  }
}
