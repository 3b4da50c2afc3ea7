import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { filterFlags, paperFilterOf } from '../cli/filter-flags.js'
import { idArgs, idFlag, pipelineFlag } from '../cli/flags.js'
import { readIds } from '../cli/ids.js'
import { corpusFilter } from '../cli/queue-command.js'
import { UsageError } from '../core/errors.js'
import type { RetryResult } from '../db/maintenance/retry.js'

export default class Retry extends BaseCommand {
  static override summary =
    'Give failed papers another chance, from where their stored results let them go on.'
  static override description =
    'Say which: ids, --error-class, or --all. Nothing that was answered is asked again. Papers that failed too often (RPA_MAX_ATTEMPTS) are left alone. With --pipeline full, papers that were read by the lean pipeline get the full report; what they have is kept until then: those that are named, or all that fit the filters.'
  static override examples = [
    '<%= config.bin %> retry --all',
    '<%= config.bin %> retry 1706.03762',
    '<%= config.bin %> retry --error-class timeout',
    '<%= config.bin %> retry 1706.03762 --pipeline full',
    '<%= config.bin %> retry --pipeline full --min-score 0.8',
    '<%= config.bin %> retry --pipeline full --tag "reinforcement learning" --dry-run',
  ]
  static override strict = false
  static override args = idArgs
  static override flags = {
    id: idFlag({ description: 'As the argument.' }),
    'error-class': Flags.string({
      helpValue: 'CLASS',
      description: 'Papers that failed with this class (see `status`).',
    }),
    all: Flags.boolean({ description: 'All failed papers.' }),
    pipeline: pipelineFlag({
      description: 'Go on through this pipeline; papers that are named need not have failed.',
    }),
    tag: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TAG',
      description:
        'With --pipeline: papers whose report has this tag, in whatever form; may be repeated: any of them.',
    }),
    ...filterFlags,
    'dry-run': Flags.boolean({ description: 'Say what would be done, and change nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Retry)
    const ids = await readIds([...argv.map(String), ...(flags.id ?? [])])
    const errorClass = flags['error-class'] ?? null
    const { pipeline, tag: tags = [], 'dry-run': dryRun } = flags
    const paperFilter = paperFilterOf(flags)
    const filtered = tags.length > 0 || Object.keys(paperFilter).length > 0
    if (filtered && (pipeline === undefined || ids.length > 0 || errorClass !== null || flags.all)) {
      throw new UsageError(
        'retry_filter',
        '--tag and the filters choose the papers that get another pipeline.',
        {
          hint: 'Say --pipeline with them, and not ids, --error-class or --all.',
        },
      )
    }
    if (ids.length === 0 && errorClass === null && !flags.all && !filtered) {
      throw new UsageError('retry_what', 'Say which papers to retry.', {
        hint: 'Name ids, or use --error-class or --all; with --pipeline also --tag or a filter (--min-score …).',
      })
    }
    const { settings } = await this.begin(flags)
    const [{ openExisting, openForReading }, { retryFailed }, { renderRetry }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../db/maintenance/retry.js'),
      import('../cli/render/retry.js'),
    ])
    const papers = await corpusFilter(settings, paperFilter)
    const database = await (dryRun ? openForReading : openExisting)(settings.databaseUrl)
    try {
      const now = database.clock.now()
      const options = { maxAttempts: settings.maxAttempts, now, dryRun, pipeline }
      const work = async (): Promise<RetryResult> => {
        if (!filtered || pipeline === undefined) return retryFailed(database.db, { ids, errorClass }, options)
        const { papersToMove } = await import('../pipeline/papers-to-move.js')
        const chosen = await papersToMove(database.db, settings, pipeline, { tags, papers })
        if (chosen.length > 0) return retryFailed(database.db, { ids: chosen, errorClass }, options)
        return { considered: 0, retried: 0, exhausted: 0, executions: [] }
      }
      const result = await (dryRun ? work() : this.noted(database, work))
      this.print(renderRetry(result, dryRun))
      if (!dryRun) return result
      this.printDatabase(database.place)
      return { ...result, database: database.place }
    } finally {
      await database.close()
      papers?.corpus.close()
    }
  }
}
