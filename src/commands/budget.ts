import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { systemClock, utcDay } from '../core/clock.js'
import { UsageError } from '../core/errors.js'

export default class Budget extends BaseCommand {
  static override summary = 'Show the requests of a day: used, left, by role, phase and model.'
  static override description =
    'Every request is a row in the ledger, written before it is sent, so the numbers are exact. The day is the UTC day.'
  static override examples = [
    '<%= config.bin %> budget',
    'test "$(<%= config.bin %> budget --remaining)" -ge 100',
  ]
  static override flags = {
    remaining: Flags.boolean({ description: 'Print one integer: requests left today (-1 = no limit).' }),
    date: Flags.string({ helpValue: 'YYYY-MM-DD', description: 'Another UTC day.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Budget)
    if (flags.date !== undefined && !isDay(flags.date)) {
      throw new UsageError('bad_date', `"${flags.date}" is not a day.`, { hint: 'Write YYYY-MM-DD.' })
    }
    const { settings } = await this.begin(flags)
    const [{ openDatabase }, { budgetOf }] = await Promise.all([
      import('../db/open.js'),
      import('../db/usage.js'),
    ])
    const database = await openDatabase(settings.databaseUrl)
    try {
      const budget = await budgetOf(database.db, flags.date ?? utcDay(systemClock.now()), settings.budget)
      if (!this.jsonEnabled() && flags.remaining) this.log(String(budget.remaining ?? -1))
      else if (!this.jsonEnabled()) this.print((await import('../cli/render-budget.js')).renderBudget(budget))
      return budget
    } finally {
      await database.close()
    }
  }
}

function isDay(text: string): boolean {
  const day = Date.parse(`${text}T00:00:00Z`)
  // 30 February would roll over into March.
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day) && utcDay(day) === text
}
