import { Flags } from '@oclif/core'
import { BaseCommand, type GlobalFlags } from '../cli/base-command.js'
import { idArgs, pipelineFlag } from '../cli/flags.js'
import { filterFlags, paperFilterOf } from '../cli/filter-flags.js'
import { idOf, readIds, requireIds } from '../cli/ids.js'
import { EXIT } from '../core/errors.js'
import type { PipelineName } from '../core/phases.js'
import type { ResolvedSettings } from '../core/settings/settings.js'
import type { SeedResult } from '../pipeline/seed.js'
import type { SeedOrder } from '../corpus/seeding/seed-filter.js'
import type { OpenDatabase } from '../db/engine/open-database.js'

const DEFAULT_LIMIT = 500
const SHOWN = 5
const ORDERS: readonly SeedOrder[] = ['priority', 'score', 'citations', 'date', 'relevance']

export default class Seed extends BaseCommand {
  static override summary = 'Choose papers from the corpus: each becomes a pending execution.'
  static override description =
    "Takes the corpus's queue, best priority first, newest version of each paper only. Papers seeded before are passed over, so seeding again goes on where it stopped. Papers that are named are taken whatever the queue says: ids in any form (2401.01234, arXiv:2401.01234v2, the address of the page or PDF), a file that lists them, or - for standard input; metadata that the corpus lacks are fetched from arXiv, in one request for many. Nothing else is written to a corpus, and nothing at all to a crawler's."
  static override examples = [
    '<%= config.bin %> seed 1706.03762',
    '<%= config.bin %> seed --limit 100',
    '<%= config.bin %> seed --all --category cs.CL --since 2024-01-01',
    '<%= config.bin %> seed --all --since 7d',
    '<%= config.bin %> seed --query \'agents "tool use"\' --exclude survey --order citations --top 50 --dry-run',
    '<%= config.bin %> seed 2401.01234 hep-th/9901001',
    '<%= config.bin %> seed https://arxiv.org/abs/1706.03762v7',
    '<%= config.bin %> seed reading-list.txt',
    '<%= config.bin %> seed --all --pipeline lean --limit 1000',
    '<%= config.bin %> seed --pdf thesis.pdf ~/papers',
  ]
  static override strict = false
  static override args = idArgs
  static override flags = {
    limit: Flags.integer({
      min: 1,
      description: 'New papers at most; default 500, and all of those that are named.',
    }),
    top: Flags.integer({
      min: 1,
      helpValue: 'N',
      description: 'Only the first N that fit; what of them is seeded already counts.',
    }),
    order: Flags.string({
      options: ORDERS,
      description: "Which come first; default: the queue's priority.",
    }),
    all: Flags.boolean({ description: "All papers of the corpus, not only its queue's pending ones." }),
    ...filterFlags,
    id: Flags.string({ multiple: true, helpValue: 'ID', description: 'As the argument.' }),
    pdf: Flags.string({
      multiple: true,
      helpValue: 'FILE|DIR',
      description:
        "Any PDFs, not only arXiv's: files, or folders of them. Title, authors and abstract are read from them.",
      exclusive: [...Object.keys(filterFlags), 'id', 'all', 'top', 'order'],
    }),
    priority: Flags.integer({ description: "Priority of the new executions; default: the queue's." }),
    pipeline: pipelineFlag({
      description:
        'How they are read: full, five requests a paper; lean, one expensive request for the whole report. Default full.',
    }),
    'dry-run': Flags.boolean({ description: 'Show which and why, and write nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Seed)
    if (flags.pdf !== undefined) return this.#seedPdfs([...flags.pdf, ...argv.map(String)], flags)
    // A flag that may be given several values takes the words behind it.
    const category = flags.category?.filter((word) => idOf(word) === null)
    const strays = flags.category?.filter((word) => idOf(word) !== null) ?? []
    const named = [...argv.map(String), ...(flags.id ?? [])]
    requireIds(named)
    const ids = await readIds([...named, ...strays])
    const { settings, log, resolved } = await this.begin(flags)
    const [{ requireCorpus, seedPapers }, { wantedRelevance }, { renderSeed }] = await Promise.all([
      import('../pipeline/seed-papers.js'),
      import('../pipeline/config/load-relevance.js'),
      import('../cli/render/seed.js'),
    ])
    const order = flags.order as SeedOrder | undefined
    const asked = order === 'relevance' || flags['min-relevance'] !== undefined
    const relevance = await wantedRelevance(settings, asked, flags['dry-run'])
    requireCorpus(settings, ids.length > 0 && !flags['dry-run'])
    const progress = await this.beginProgress('seed')
    const database = await openFor(resolved, flags['dry-run'])
    try {
      const work = () =>
        seedPapers(
          { db: database.db, clock: database.clock, log, settings },
          {
            limit: flags.limit ?? flags.top ?? (ids.length > 0 ? ids.length : DEFAULT_LIMIT),
            top: flags.top,
            filter: {
              all: flags.all,
              ...paperFilterOf({ ...flags, category }),
              ...(ids.length === 0 ? {} : { ids }),
              ...(order === undefined ? {} : { order }),
              relevance,
            },
            priority: flags.priority ?? null,
            pipeline: flags.pipeline,
            dryRun: flags['dry-run'],
          },
        )
      const result = await (flags['dry-run'] ? work() : this.noted(database, work))
      progress.end()
      this.print(renderSeed(result, relevance !== null))
      if (!flags['dry-run'] && isInVain(result)) {
        const shown = result.unknown.slice(0, SHOWN).join(', ')
        const more = result.unknown.length > SHOWN ? ` and ${result.unknown.length - SHOWN} more` : ''
        this.complain(`no paper was seeded: neither the corpus nor arXiv has ${shown}${more}`)
        process.exitCode = EXIT.failure
      }
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      progress.end()
      await database.close()
    }
  }

  async #seedPdfs(
    paths: readonly string[],
    flags: GlobalFlags & {
      limit?: number | undefined
      priority?: number | undefined
      pipeline?: PipelineName | undefined
      'dry-run': boolean
    },
  ): Promise<unknown> {
    const { settings, resolved } = await this.begin(flags)
    const [{ seedPdfs }, { renderSeed }] = await Promise.all([
      import('../pipeline/seed-pdfs.js'),
      import('../cli/render/seed.js'),
    ])
    const dryRun = flags['dry-run']
    const progress = await this.beginProgress('seed')
    const database = await openFor(resolved, dryRun)
    try {
      const { db, clock, place } = database
      const onDone = (done: number, total: number): void =>
        progress.update({ doing: 'seed', done, total, unit: 'files' })
      const options = {
        limit: flags.limit ?? Infinity,
        priority: flags.priority ?? 0,
        pipeline: flags.pipeline,
        dryRun,
        onDone,
      }
      const work = () => seedPdfs({ db, clock, settings }, paths, options)
      const result = await (dryRun ? work() : this.noted(database, work))
      progress.end()
      for (const { file, arxiv_id, title, arxiv_stamp: stamp, outcome, error } of result.pdfs) {
        if (error !== undefined) this.complain(`${file}: ${error.code}: ${error.message}`)
        else this.print(`${arxiv_id}  ${outcome === 'already' ? 'already there' : (title ?? '')}  ${file}`)
        if (stamp !== undefined)
          this.print(
            `  arXiv has stamped it ${stamp}: \`rpa seed ${stamp}\` takes it with arXiv's metadata instead`,
          )
      }
      this.print(renderSeed({ ...result, ...(dryRun ? { papers: [] } : {}) }, false))
      if (result.skipped > 0) process.exitCode = EXIT.failure
      if (!dryRun) return result
      this.printDatabase(place)
      return { ...result, database: place }
    } finally {
      progress.end()
      await database.close()
    }
  }
}

/** Whether papers were named, and none of them is there. */
function isInVain({ seeded, already, unknown }: SeedResult): boolean {
  return unknown.length > 0 && seeded === 0 && already === 0
}

/** Without a DB a newcomer may try what would be seeded; a place that somebody named and that has none is a slip. */
async function openFor({ settings, sources }: ResolvedSettings, dryRun: boolean): Promise<OpenDatabase> {
  const { openDatabase, openForReading, openForTrial } = await import('../db/engine/open.js')
  if (!dryRun) return openDatabase(settings.databaseUrl)
  const isNamed = sources.databaseUrl !== 'default'
  return (isNamed ? openForReading : openForTrial)(settings.databaseUrl)
}
