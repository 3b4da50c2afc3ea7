import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'

export default class DbCopy extends BaseCommand {
  static override summary =
    'Copy a whole project into another executions DB: from a file to a server, or back.'
  static override description =
    'The target is made where it is missing and must be empty. Nothing may work with the source meanwhile. Every row is read back and compared at the end. A copy that was broken off goes on when the command is run again.'
  static override examples = [
    '<%= config.bin %> db copy data/executions.sqlite postgres://rpa@db.example.org/rpa',
    '<%= config.bin %> db copy postgres://rpa@db.example.org/rpa data/executions.sqlite',
  ]
  static override args = {
    source: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'A path, sqlite: or postgres: URL.',
    }),
    target: Args.string({ ignoreStdin: true, required: true, description: 'The same; new or empty.' }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(DbCopy)
    const { log } = await this.begin(flags)
    const [{ openDatabase, openForReading }, { copyDatabase }, { stopOnSignals }, { renderCopy }] =
      await Promise.all([
        import('../../db/engine/open.js'),
        import('../../db/maintenance/copy.js'),
        import('../../cli/signals.js'),
        import('../../cli/render/database.js'),
      ])
    const source = await openForReading(args.source)
    const signals = stopOnSignals({ log, limitMs: 0, inFlight: new Map() })
    const progress = await this.beginProgress('db copy')
    try {
      const target = await openDatabase(args.target)
      try {
        const result = await copyDatabase(source, target, {
          stop: signals.stopTaking,
          onProgress: (doing, table, done, total) =>
            progress.update({ doing: `${doing} ${table}`, done, total, unit: 'rows' }),
        })
        progress.end()
        process.exitCode = signals.exitCode() ?? 0
        this.print(renderCopy(result))
        return result
      } finally {
        await target.close()
      }
    } finally {
      progress.end()
      signals.dispose()
      await source.close()
    }
  }
}
