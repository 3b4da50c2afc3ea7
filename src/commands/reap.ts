import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { durationFlag } from '../cli/flags.js'
import type { PhaseName } from '../core/phases.js'
import { PHASE_NAMES } from '../core/phases.js'

export default class Reap extends BaseCommand {
  static override summary =
    'Put abandoned papers back to the status before, and settle requests of dead processes.'
  static override description =
    'Abandoned is what is marked as busy while its process has ended or its lease has run out, or while it has none and is older than 60 minutes (prep, wrap) or 120 minutes (analyze). Live work is never touched. Requests that a dead process had sent stay counted; what it had only booked is given back.'
  static override examples = ['<%= config.bin %> reap', '<%= config.bin %> reap --dry-run --json']
  static override flags = {
    'older-than': durationFlag({
      description: 'Age for papers without a lease, instead of 60 and 120 minutes.',
    }),
    phase: Flags.string({
      multiple: true,
      options: PHASE_NAMES,
      description: 'Only this phase; may be repeated.',
    }),
    orphans: Flags.boolean({
      description: 'Papers without a lease that were claimed but never begun: at once.',
    }),
    'dry-run': Flags.boolean({ description: 'Count, and change nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Reap)
    const { settings } = await this.begin(flags)
    const [{ openDatabase, openForReading }, { reap }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/reap.js'),
    ])
    const database = await (flags['dry-run'] ? openForReading : openDatabase)(settings.databaseUrl)
    try {
      const result = await reap(database.db, {
        phases: (flags.phase ?? []) as PhaseName[],
        olderThanMs: flags['older-than'] ?? null,
        orphans: flags.orphans,
        dryRun: flags['dry-run'],
        now: database.clock.now(),
      })
      const { prepping, analyzing, wrapping } = result.released
      const verb = flags['dry-run'] ? 'would put back' : 'put back'
      this.print(
        `${verb} ${prepping + analyzing + wrapping} papers (prepping ${prepping}, analyzing ${analyzing}, wrapping ${wrapping}), settled ${result.calls_settled} requests`,
      )
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      await database.close()
    }
  }
}
