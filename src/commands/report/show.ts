import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { readIds } from '../../cli/ids.js'

export default class ReportShow extends BaseCommand {
  static override summary = 'Print reports, as Markdown.'
  static override description =
    'Reads them from the executions DB, so that any machine can show what another has written; those of earlier versions from their files. On a terminal the frontmatter is left out; a pipe or a file gets the report as it is.'
  static override examples = [
    '<%= config.bin %> report show 2401.01234',
    '<%= config.bin %> report show 2401.01234 | less',
    '<%= config.bin %> report show 2401.01234 > report.md',
  ]
  static override strict = false
  static override args = {
    id: Args.string({ ignoreStdin: true, required: true, description: 'arXiv ids; several may follow.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ReportShow)
    const ids = await readIds(argv.map(String))
    const { settings } = await this.begin(flags)
    const isRead = process.stdout.isTTY === true
    const [{ openForReading }, { showReports }, { renderReport }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/reports.js'),
      import('../../cli/render/report.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const reports = await showReports(database.db, ids)
      const shown = isRead ? reports.map(renderReport) : reports.map(({ markdown }) => markdown.trimEnd())
      this.printDocument(shown.join('\n\n'))
      return { reports }
    } finally {
      await database.close()
    }
  }
}
