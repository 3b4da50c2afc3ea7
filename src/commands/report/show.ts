import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { readIds } from '../../cli/ids.js'

export default class ReportShow extends BaseCommand {
  static override summary = 'Print reports, as Markdown.'
  static override description =
    'Reads them from the executions DB, so that any machine can show what another has written; those of earlier versions from their files.'
  static override examples = [
    '<%= config.bin %> report show 2401.01234',
    '<%= config.bin %> report show 2401.01234 | less',
  ]
  static override strict = false
  static override args = {
    id: Args.string({ ignoreStdin: true, required: true, description: 'arXiv ids; several may follow.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ReportShow)
    const ids = await readIds(argv.map(String))
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { showReports }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/reports.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const reports = await showReports(database.db, ids)
      this.printDocument(reports.map(({ markdown }) => markdown.trimEnd()).join('\n\n'))
      return { reports }
    } finally {
      await database.close()
    }
  }
}
