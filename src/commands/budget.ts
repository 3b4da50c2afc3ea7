import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { dayFlag } from '../cli/flags.js'
import { isoTime, utcDay } from '../core/clock.js'
import { UsageError } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import type { Settings } from '../core/settings/settings.js'
import type { Db } from '../db/engine/prepared.js'
import type { Synced } from '../pipeline/overview/sync-budget.js'

export default class Budget extends BaseCommand {
  static override summary =
    'Show the requests of a day: used, left, by role, phase and model, and what they mean in papers.'
  static override description =
    'Every request is a row in the ledger, written before it is sent, so the numbers are exact. The day is the UTC day.'
  static override examples = [
    '<%= config.bin %> budget',
    '<%= config.bin %> budget --sync',
    '<%= config.bin %> budget --days 14',
    'test "$(<%= config.bin %> budget --remaining)" -ge 100',
  ]
  static override flags = {
    remaining: Flags.boolean({ description: 'Print one integer: requests left today (-1 = no limit).' }),
    date: dayFlag({ description: 'Another UTC day: 2025-01-31, or 1d for yesterday.' }),
    days: Flags.integer({
      min: 1,
      max: 366,
      helpValue: 'N',
      description: 'The last N days, one line each.',
      exclusive: ['date', 'remaining'],
    }),
    sync: Flags.boolean({
      description: 'Ask the provider for its own count first, and show the difference.',
    }),
    close: Flags.string({
      helpValue: 'NAME',
      description: 'Close a circuit by hand, e.g. after credits were bought.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Budget)
    const { settings, log } = await this.begin(flags)
    const [
      { openExisting, openForReading, requireFile },
      { budgetReport, remainingRequests },
      { renderBudget, renderDays, renderSync },
    ] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/overview/budget-report.js'),
      import('../cli/render/budget.js'),
    ])
    requireFile(settings.databaseUrl)
    const synced = flags.sync ? await sync(settings, log) : undefined
    const open = flags.close === undefined ? openForReading : openExisting
    const database = await open(settings.databaseUrl)
    try {
      const now = database.clock.now()
      if (flags.close !== undefined) await closeNamed(database.db, flags.close, now)
      const date = flags.date ?? utcDay(now)
      if (flags.remaining && !this.jsonEnabled()) {
        this.log(String((await remainingRequests(database.db, settings, date, now)) ?? -1))
        return undefined
      }
      const budget = await budgetReport(database.db, settings, date, now)
      const days = flags.days === undefined ? undefined : await lastDays(database.db, flags.days, now)
      if (!flags.remaining) {
        if (flags.close !== undefined) this.print(`The circuit ${flags.close} is closed.\n`)
        if (synced !== undefined) this.print(`${renderSync(synced)}\n`)
        this.print(days === undefined ? renderBudget(budget, isoTime(now)) : renderDays(days))
        this.printDatabase(database.place)
      }
      return {
        database: database.place,
        ...budget,
        ...(days === undefined ? {} : { days }),
        ...(synced === undefined ? {} : { sync: synced }),
        ...(flags.close === undefined ? {} : { closed: flags.close }),
      }
    } finally {
      await database.close()
    }
  }
}

async function sync(settings: Settings, log: Logger): Promise<Synced[]> {
  const [{ openResources }, { syncBudget }] = await Promise.all([
    import('../pipeline/resources/resources.js'),
    import('../pipeline/overview/sync-budget.js'),
  ])
  const resources = await openResources(settings, log)
  try {
    return await syncBudget(resources)
  } finally {
    await resources.close()
  }
}

async function lastDays(db: Db, days: number, now: number) {
  const { usageByDay } = await import('../db/usage/usage-by-day.js')
  return usageByDay(db, days, now)
}

async function closeNamed(db: Db, name: string, now: number): Promise<void> {
  const [{ closeCircuit }, { circuitsAt }] = await Promise.all([
    import('../db/calls/circuits.js'),
    import('../db/calls/circuit-list.js'),
  ])
  if (await closeCircuit(db, name)) return
  const open = (await circuitsAt(db, now)).filter(({ state }) => state !== 'closed')
  throw new UsageError('circuit_unknown', `There is no open circuit "${name}".`, {
    hint:
      open.length === 0
        ? 'No circuit is open.'
        : `Open circuits: ${open.map((circuit) => circuit.name).join(', ')}.`,
  })
}
