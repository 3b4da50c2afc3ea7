import { BaseCommand } from '../../cli/base-command.js'
import type { ListedReport } from '../../pipeline/reports.js'

export default class ReportList extends BaseCommand {
  static override summary = 'List the papers that have a report.'
  static override examples = ['<%= config.bin %> report list', '<%= config.bin %> report list --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ReportList)
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { listReports }, { renderReports }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/reports.js'),
      import('../../cli/render/report.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const reports: ListedReport[] = []
      for await (const report of listReports(database.db)) reports.push(report)
      this.print(renderReports(reports))
      return { reports }
    } finally {
      await database.close()
    }
  }
}
