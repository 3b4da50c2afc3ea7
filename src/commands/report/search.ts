import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import type { FoundReport } from '../../pipeline/reports.js'

export default class ReportSearch extends BaseCommand {
  static override summary = 'Find reports by words.'
  static override description =
    'Lists the reports that hold all the words, in upper or lower case, and the first line with one of them. Words in quotes must follow one another.'
  static override examples = [
    '<%= config.bin %> report search diffusion',
    '<%= config.bin %> report search "reward model" robotics',
  ]
  static override strict = false
  static override args = {
    words: Args.string({ ignoreStdin: true, required: true, description: 'Words; several may follow.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ReportSearch)
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { searchReports }, { renderFound }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/reports.js'),
      import('../../cli/render/report.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const reports: FoundReport[] = []
      for await (const report of searchReports(database.db, argv.map(String))) reports.push(report)
      this.print(renderFound(reports))
      return { reports }
    } finally {
      await database.close()
    }
  }
}
