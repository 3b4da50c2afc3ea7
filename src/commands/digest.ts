import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { momentFlag } from '../cli/flags.js'
import { CLOCK_TOLERANCE_MS, isoTime } from '../core/clock.js'
import { UsageError } from '../core/errors.js'

const DAY_MS = 86_400_000

export default class DigestCommand extends BaseCommand {
  static override summary = 'Tell in ten lines what finished, what failed and why, and what waits.'
  static override description =
    'Made for one mail a day from cron: where nothing happened and nothing is in trouble, nothing is printed, so that no mail is sent.'
  static override examples = [
    '<%= config.bin %> digest',
    '<%= config.bin %> digest --since 7d',
    '<%= config.bin %> digest --trouble',
  ]
  static override flags = {
    since: momentFlag({
      description: 'From when on: how long ago (7d), or a day (2025-01-31); default 24h.',
    }),
    trouble: Flags.boolean({ description: 'One line where something is wrong, else nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(DigestCommand)
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { digestOf }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/overview/digest.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const now = database.clock.now()
      const from = flags.since ?? now - DAY_MS
      if (from > now + CLOCK_TOLERANCE_MS) {
        throw new UsageError('bad_date', `--since ${isoTime(from)} is yet to come.`, {
          hint: 'Write a day that was, as 2025-01-31, or how long ago, as 7d or 24h.',
        })
      }
      const digest = await digestOf(database.db, settings, from, now)
      const { renderDigest, renderTrouble } = await import('../cli/render/digest.js')
      const text = (flags.trouble ? renderTrouble : renderDigest)(digest)
      if (text !== '') this.print(text)
      return digest
    } finally {
      await database.close()
    }
  }
}
