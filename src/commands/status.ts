import { BaseCommand } from '../cli/base-command.js'

export default class Status extends BaseCommand {
  static override summary =
    'Show how many papers are where, what runs, what is stuck, what is waited for, and why papers failed.'
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status)
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { statusReport }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/overview/status-report.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const report = await statusReport(database.db, settings, database.clock.now())
      if (!this.jsonEnabled()) this.print((await import('../cli/render/status.js')).renderStatus(report))
      this.printDatabase(database.place)
      return { database: database.place, ...report }
    } finally {
      await database.close()
    }
  }
}
