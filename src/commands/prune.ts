import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { durationFlag } from '../cli/flags.js'

export default class Prune extends BaseCommand {
  static override summary = 'Delete the checkpoints of finished papers, and texts that nothing refers to.'
  static override description = `Checkpoints serve to continue a paper. Once it is done nobody needs them; reports and results are kept.

keep_wrap_failed keeps those of papers that failed in the wrap phase, where almost all work is done; keep_failed those of all failed papers; purge_all none; keep_all deletes no checkpoint, only unused texts. Papers that are being worked on, or wait for it, are never touched. May run beside any other command. The file keeps its size and the space is used again; \`vacuum\` makes it smaller.`
  static override examples = [
    '<%= config.bin %> prune --dry-run',
    '<%= config.bin %> prune --keep keep_failed --older-than 24h',
    '<%= config.bin %> prune --keep purge_all --older-than 0s',
  ]
  static override flags = {
    keep: Flags.option({
      options: ['keep_wrap_failed', 'keep_failed', 'keep_all', 'purge_all'] as const,
      default: 'keep_wrap_failed' as const,
      description: 'Which finished papers keep their checkpoints.',
    })(),
    'older-than': durationFlag({
      helpValue: '7d',
      description: 'Only papers that ended at least so long ago; default 7d, 0s for all.',
    }),
    'dry-run': Flags.boolean({ description: 'Say how many rows and bytes would go, and delete nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Prune)
    const { settings, log } = await this.begin(flags)
    const [{ openToMakeRoom, openForReading }, { prune }, { stopOnSignals }, { renderPrune, pruneProgress }] =
      await Promise.all([
        import('../db/engine/open.js'),
        import('../db/maintenance/prune.js'),
        import('../cli/signals.js'),
        import('../cli/render/maintenance.js'),
      ])
    const database = await (flags['dry-run'] ? openForReading : openToMakeRoom)(settings.databaseUrl)
    const now = database.clock.now()
    const signals = stopOnSignals({ log, limitMs: 0, inFlight: new Map() })
    const progress = await this.beginProgress('prune')
    try {
      const work = async () => {
        const result = await prune(database.db, {
          keep: flags.keep,
          endedBefore: now - (flags['older-than'] ?? DEFAULT_AGE_MS),
          now,
          dryRun: flags['dry-run'],
          stop: signals.stopTaking,
          onProgress: (soFar) => progress.update(pruneProgress(soFar)),
        })
        process.exitCode = signals.exitCode() ?? 0
        return result
      }
      const result = await (flags['dry-run'] ? work() : this.noted(database, work))
      progress.end()
      this.print(renderPrune(result, flags['dry-run']))
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      progress.end()
      signals.dispose()
      await database.close()
    }
  }
}

const DEFAULT_AGE_MS = 7 * 24 * 3600 * 1000
