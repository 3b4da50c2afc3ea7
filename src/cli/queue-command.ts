import { Args, Flags } from '@oclif/core'
import type { SeedFilter } from '../corpus/seeding/seed-filter.js'
import type { QueueChange, QueueStatus } from '../core/queue.js'
import { CHANGEABLE } from '../core/queue.js'
import { UsageError } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import type { OpenDatabase } from '../db/engine/open-database.js'
import type { QueueFilter } from '../pipeline/queue.js'
import type { GlobalFlags } from './base-command.js'
import { BaseCommand } from './base-command.js'
import type { FilterFlags } from './filter-flags.js'
import { filterFlags, paperFilterOf } from './filter-flags.js'
import { idFlag } from './flags.js'
import { idOf, readIds, requireIds } from './ids.js'

/** Papers as an argument of `queue` commands. */
export const queueArgs = {
  id: Args.string({
    ignoreStdin: true,
    description: 'Just these papers; a file of ids, or - for standard input.',
  }),
}

const statusFlag = (options: readonly QueueStatus[]) =>
  Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    options,
    description: 'Only papers that stand there; may be repeated.',
  })

/** Which papers: the filters of `seed`, ids, and where papers stand. */
export const queueFlags = (statuses: readonly QueueStatus[]) => ({
  ...filterFlags,
  id: idFlag({ description: 'As the argument.' }),
  status: statusFlag(statuses),
})

/** What commands have in common that change the queue. */
export const changeFlags = (kind: QueueChange['kind']) => ({
  ...queueFlags(CHANGEABLE[kind]),
  all: Flags.boolean({ description: 'All of them, where no other flag says which.' }),
  'dry-run': Flags.boolean({ description: 'Show which papers, and change nothing.' }),
})

type WhichFlags = GlobalFlags & FilterFlags & { id?: string[] | undefined; status?: string[] | undefined }

/** A command about papers that wait. */
export abstract class QueueCommand extends BaseCommand {
  /** Runs `work` with the executions DB and what the flags mean; the corpus is opened where a filter needs it. */
  protected async withQueue<T>(
    { flags, argv, reading }: { flags: WhichFlags; argv: readonly unknown[]; reading: boolean },
    statusesOf: (named: boolean) => readonly QueueStatus[],
    work: (database: OpenDatabase, filter: QueueFilter) => Promise<T>,
  ): Promise<T> {
    const { ids, paperFilter } = await whichOf(flags, argv.map(String))
    const { settings } = await this.begin(flags)
    const { openExisting, openForReading } = await import('../db/engine/open.js')
    const papers = await corpusFilter(settings, paperFilter)
    try {
      const database = await (reading ? openForReading : openExisting)(settings.databaseUrl)
      try {
        const statuses = (flags.status as QueueStatus[] | undefined) ?? statusesOf(ids.length > 0)
        return await work(database, { ids, statuses, papers })
      } finally {
        await database.close()
      }
    } finally {
      papers?.corpus.close()
    }
  }

  /** Changes what the flags mean, and says what came of it. */
  protected async change(
    change: QueueChange,
    {
      flags,
      argv,
    }: {
      flags: WhichFlags & { all: boolean; 'dry-run': boolean; force?: boolean }
      argv: readonly unknown[]
    },
    statusesOf: (named: boolean) => readonly QueueStatus[] = () => CHANGEABLE[change.kind],
  ): Promise<unknown> {
    const dryRun = flags['dry-run']
    const said = argv.length > 0 || flags.id !== undefined || flags.status !== undefined || flags.all
    if (!said && Object.keys(paperFilterOf(flags)).length === 0) {
      throw new UsageError('queue_which', `Say which papers to ${change.kind}.`, {
        hint: 'Name them, use a filter (--category, --query …), --status, or --all.',
      })
    }
    const [{ changeQueued }, { renderChange }] = await Promise.all([
      import('../pipeline/queue.js'),
      import('./render/queue.js'),
    ])
    return this.withQueue({ flags, argv, reading: dryRun }, statusesOf, async (database, filter) => {
      const options = { dryRun, force: flags.force ?? false, now: database.clock.now() }
      const result = await changeQueued(database.db, filter, change, options)
      this.print(renderChange(result, change, dryRun))
      if (dryRun) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    })
  }
}

/** Returns the ids and the conditions that arguments and flags give. */
export async function whichOf(
  flags: WhichFlags,
  named: readonly string[],
): Promise<{ ids: string[]; paperFilter: SeedFilter }> {
  // A flag that may be given several values takes the words behind it.
  const category = flags.category?.filter((word) => idOf(word) === null)
  const strays = flags.category?.filter((word) => idOf(word) !== null) ?? []
  requireIds(named)
  const ids = await readIds([...named, ...strays, ...(flags.id ?? [])])
  return { ids, paperFilter: paperFilterOf({ ...flags, category }) }
}

/** Returns the corpus with the filter, null where there is no condition; who calls closes it. */
export async function corpusFilter(settings: Settings, filter: SeedFilter): Promise<QueueFilter['papers']> {
  if (Object.keys(filter).length === 0) return null
  const [{ openCorpus, SMALL_CACHE_KIB }, { wantedRelevance }] = await Promise.all([
    import('../corpus/open.js'),
    import('../pipeline/config/load-relevance.js'),
  ])
  const relevance = await wantedRelevance(settings, filter.minRelevance !== undefined, false)
  return { corpus: openCorpus(settings.corpusDb, SMALL_CACHE_KIB), filter: { ...filter, relevance } }
}
