import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { idOf, readIds, requireIds } from '../cli/ids.js'

const DEFAULT_LIMIT = 500

export default class Seed extends BaseCommand {
  static override summary = 'Choose papers from the corpus: each becomes a pending execution.'
  static override description =
    "Takes the corpus's queue, best priority first, newest version of each paper only. Papers seeded before are passed over, so seeding again goes on where it stopped. Papers that are named are taken whatever the queue says: ids in any form (2401.01234, arXiv:2401.01234v2, the address of the page or PDF), a file that lists them, or - for standard input. The corpus is only read."
  static override examples = [
    '<%= config.bin %> seed --limit 100',
    '<%= config.bin %> seed --all --category cs.CL --since 2024-01-01',
    '<%= config.bin %> seed 2401.01234 hep-th/9901001',
    '<%= config.bin %> seed https://arxiv.org/abs/1706.03762v7',
    '<%= config.bin %> seed reading-list.txt',
  ]
  static override strict = false
  static override args = {
    id: Args.string({
      ignoreStdin: true,
      description: 'Just these papers; a file of ids, or - for standard input.',
    }),
  }
  static override flags = {
    limit: Flags.integer({
      min: 1,
      description: 'New papers at most; default 500, and all of those that are named.',
    }),
    all: Flags.boolean({ description: "All papers of the corpus, not only its queue's pending ones." }),
    category: Flags.string({
      multiple: true,
      helpValue: 'CAT',
      description: 'Only these categories; cs.* stands for all of cs.',
    }),
    since: Flags.string({ helpValue: 'YYYY-MM-DD', description: 'Published on that day or later.' }),
    until: Flags.string({ helpValue: 'YYYY-MM-DD', description: 'Published on that day or before.' }),
    query: Flags.string({ helpValue: 'WORDS', description: 'Words that title or abstract must hold.' }),
    id: Flags.string({ multiple: true, helpValue: 'ID', description: 'As the argument.' }),
    priority: Flags.integer({ description: "Priority of the new executions; default: the queue's." }),
    'dry-run': Flags.boolean({ description: 'Count, and write nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Seed)
    // A flag that may be given several values takes the words behind it.
    const categories = flags.category?.filter((word) => idOf(word) === null)
    const strays = flags.category?.filter((word) => idOf(word) !== null) ?? []
    const named = argv.map(String)
    requireIds(named)
    const ids = await readIds([...named, ...strays, ...(flags.id ?? [])])
    const { settings, log } = await this.begin(flags)
    const [{ openCorpus }, { openDatabase, openForReading }, { seed }] = await Promise.all([
      import('../corpus/open.js'),
      import('../db/engine/open.js'),
      import('../pipeline/seed.js'),
    ])
    const corpus = openCorpus(settings.corpusDb)
    const database = await (flags['dry-run'] ? openForReading : openDatabase)(settings.databaseUrl)
    try {
      const result = await seed(
        { db: database.db, corpus, clock: database.clock, log },
        {
          limit: flags.limit ?? (ids.length > 0 ? ids.length : DEFAULT_LIMIT),
          filter: {
            all: flags.all,
            ...(categories === undefined ? {} : { categories }),
            ...(flags.since === undefined ? {} : { since: flags.since }),
            ...(flags.until === undefined ? {} : { until: flags.until }),
            ...(flags.query === undefined ? {} : { query: flags.query }),
            ...(ids.length === 0 ? {} : { ids }),
          },
          priority: flags.priority ?? null,
          dryRun: flags['dry-run'],
        },
      )
      const { seeded, already, skipped } = result
      this.print(
        `${flags['dry-run'] ? 'would seed' : 'seeded'} ${seeded} papers (${already} already there, ${skipped} skipped)`,
      )
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      corpus.close()
      await database.close()
    }
  }
}
