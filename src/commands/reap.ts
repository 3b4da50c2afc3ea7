import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { durationFlag } from '../cli/flags.js'
import { counted } from '../cli/layout/counted.js'
import type { PhaseName } from '../core/phases.js'
import { PHASE_NAMES, PHASES } from '../core/phases.js'

const AGES = PHASE_NAMES.map((name) => `${name} ${PHASES[name].staleMs / 60_000} min`).join(', ')

export default class Reap extends BaseCommand {
  static override summary =
    'Put abandoned papers back to the status before, and settle requests of dead processes.'
  static override description = `Abandoned is what is marked as busy while its process has ended or its lease has run out, or while it has none and is older than its phase's age (${AGES}). Live work is never touched. Requests that a dead process had sent stay counted; what it had only booked is given back.`
  static override examples = ['<%= config.bin %> reap', '<%= config.bin %> reap --dry-run --json']
  static override flags = {
    'older-than': durationFlag({
      description: "Age for papers without a lease, instead of each phase's own.",
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
      const work = () =>
        reap(database.db, {
          phases: (flags.phase ?? []) as PhaseName[],
          olderThanMs: flags['older-than'] ?? null,
          orphans: flags.orphans,
          dryRun: flags['dry-run'],
          now: database.clock.now(),
        })
      const result = await (flags['dry-run'] ? work() : this.noted(database, work))
      const released = Object.entries(result.released)
      const total = released.reduce((sum, [, papers]) => sum + papers, 0)
      const each = released.map(([status, papers]) => `${status} ${papers}`).join(', ')
      const verb = flags['dry-run'] ? 'would put back' : 'put back'
      this.print(
        `${verb} ${counted(total, 'paper')} (${each}), settled ${counted(result.calls_settled, 'request')}`,
      )
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      await database.close()
    }
  }
}
