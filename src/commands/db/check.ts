import { BaseCommand } from '../../cli/base-command.js'
import { EXIT } from '../../core/errors.js'

export default class DbCheck extends BaseCommand {
  static override summary =
    'Say what the executions DB is, what this user may do there, and how far away it is.'
  static override description = 'Changes nothing. Exits 78 where the rights are not enough to work with it.'
  static override examples = [
    '<%= config.bin %> db check',
    '<%= config.bin %> db check --db postgres://rpa@db.example.org/rpa',
  ]

  async run(): Promise<unknown> {
    const { flags } = await this.parse(DbCheck)
    const { settings } = await this.begin(flags)
    const [{ openForCheck }, { checkDatabase }, { renderDatabaseCheck }] = await Promise.all([
      import('../../db/engine/open.js'),
      import('../../db/maintenance/check-database.js'),
      import('../../cli/render/database.js'),
    ])
    const database = await openForCheck(settings.databaseUrl)
    try {
      const check = await checkDatabase(database)
      if (!check.writes || (check.schema < check.newest && !check.creates)) process.exitCode = EXIT.config
      this.print(renderDatabaseCheck(check))
      return check
    } finally {
      await database.close()
    }
  }
}
