import { Args } from '@oclif/core'
import { resolve } from 'node:path'
import { BaseCommand } from '../../cli/base-command.js'
import { idFlag } from '../../cli/flags.js'
import { readIds } from '../../cli/ids.js'

export default class ReportExport extends BaseCommand {
  static override summary = 'Write reports into a folder, one file each.'
  static override description =
    'All of them, or those of the papers named. A file that is there already and is the same is left alone, so that it can be run again and again.'
  static override examples = [
    '<%= config.bin %> report export reports/',
    '<%= config.bin %> report export reports/ --id 2401.01234',
  ]
  static override args = {
    folder: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'Where to write them; it need not be there yet.',
    }),
  }
  static override flags = {
    id: idFlag({ description: 'Only these papers; also a file of ids, or - for standard input.' }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(ReportExport)
    const ids = await readIds(flags.id ?? [])
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { exportReports }, { renderExport }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../pipeline/reports.js'),
      import('../../cli/render/report.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const result = await exportReports(database.db, resolve(args.folder), ids)
      this.print(renderExport(result))
      return result
    } finally {
      await database.close()
    }
  }
}
