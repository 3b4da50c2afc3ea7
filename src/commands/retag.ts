import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { filterFlags, paperFilterOf } from '../cli/filter-flags.js'
import { idFlag } from '../cli/flags.js'
import { corpusFilter, queueArgs, whichOf } from '../cli/queue-command.js'
import { EXIT, UsageError } from '../core/errors.js'

export default class Retag extends BaseCommand {
  static override summary = 'Find the tags of finished papers again, without a request.'
  static override description =
    'From the text the DB holds, under the names that the tags of all reports have together. Of a report nothing but its tags changes, in the DB and in the file; running it again changes nothing.'
  static override examples = [
    '<%= config.bin %> retag --all --dry-run',
    '<%= config.bin %> retag 2401.01234',
    '<%= config.bin %> retag --category cs.CV --since 2026-01-01',
  ]
  static override strict = false
  static override args = queueArgs
  static override flags = {
    ...filterFlags,
    id: idFlag({ description: 'As the argument.' }),
    all: Flags.boolean({ description: 'All of them, where no other flag says which.' }),
    'dry-run': Flags.boolean({ description: 'Show which tags would change, and change nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Retag)
    const { ids, paperFilter } = await whichOf(flags, argv.map(String))
    if (ids.length === 0 && !flags.all && Object.keys(paperFilterOf(flags)).length === 0)
      throw new UsageError('retag_which', 'Say which papers to tag again.', {
        hint: 'Name them, use a filter (--category, --query …), or --all.',
      })
    const { settings } = await this.begin(flags)
    const dryRun = flags['dry-run']
    const [{ openExisting, openForReading }, { retag }, { chosenReports }, { renderRetag }] =
      await Promise.all([
        import('../db/engine/open.js'),
        import('../pipeline/retag.js'),
        import('../pipeline/reports.js'),
        import('../cli/render/retag.js'),
      ])
    const papers = await corpusFilter(settings, paperFilter)
    try {
      const database = await (dryRun ? openForReading : openExisting)(settings.databaseUrl)
      try {
        const fits = await chosenReports(database.db, ids, papers)
        const result = await retag(database.db, settings, fits, dryRun)
        this.print(renderRetag(result, dryRun))
        for (const { arxiv_id: id, message } of result.failed) this.warn(`${id}: ${message}`)
        if (result.failed.length > 0) process.exitCode = EXIT.failure
        if (dryRun) return result
        this.printDatabase(database.place)
        return { ...result, database: database.place }
      } finally {
        await database.close()
      }
    } finally {
      papers?.corpus.close()
    }
  }
}
