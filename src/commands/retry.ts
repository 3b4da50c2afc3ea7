import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { idFlag, pipelineFlag } from '../cli/flags.js'
import { readIds } from '../cli/ids.js'
import { UsageError } from '../core/errors.js'

export default class Retry extends BaseCommand {
  static override summary =
    'Give failed papers another chance, from where their stored results let them go on.'
  static override description =
    'Say which: --id, --error-class, or --all. Nothing that was answered is asked again. Papers that failed too often (RPA_MAX_ATTEMPTS) are left alone. With --pipeline full, papers that were read by the lean pipeline get the full report; what they have is kept until then.'
  static override examples = [
    '<%= config.bin %> retry --all',
    '<%= config.bin %> retry --error-class timeout',
    '<%= config.bin %> retry --pipeline full --id 1706.03762',
  ]
  static override flags = {
    id: idFlag({ description: 'These papers; also a file of ids, or - for standard input.' }),
    'error-class': Flags.string({
      helpValue: 'CLASS',
      description: 'Papers that failed with this class (see `status`).',
    }),
    all: Flags.boolean({ description: 'All failed papers.' }),
    pipeline: pipelineFlag({
      description: 'Go on through this pipeline; papers named with --id need not have failed.',
    }),
    'dry-run': Flags.boolean({ description: 'Say what would be done, and change nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Retry)
    const ids = await readIds(flags.id ?? [])
    const errorClass = flags['error-class'] ?? null
    if (ids.length === 0 && errorClass === null && !flags.all) {
      throw new UsageError('retry_what', 'Say which papers to retry.', {
        hint: 'Use --id, --error-class or --all.',
      })
    }
    const { settings } = await this.begin(flags)
    const [{ openExisting, openForReading }, { retryFailed }, { renderRetry }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../db/maintenance/retry.js'),
      import('../cli/render/retry.js'),
    ])
    const database = await (flags['dry-run'] ? openForReading : openExisting)(settings.databaseUrl)
    try {
      const now = database.clock.now()
      const { pipeline, 'dry-run': dryRun } = flags
      const options = { maxAttempts: settings.maxAttempts, now, dryRun, pipeline }
      const work = () => retryFailed(database.db, { ids, errorClass }, options)
      const result = await (flags['dry-run'] ? work() : this.noted(database, work))
      this.print(renderRetry(result, flags['dry-run']))
      if (!flags['dry-run']) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      await database.close()
    }
  }
}
