import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { readIds } from '../cli/ids.js'

export default class Log extends BaseCommand {
  static override summary = "Tell one paper's whole story: states, requests, errors, cost, time."
  static override description =
    'States come from the checkpoints, which `prune` deletes of papers that are done; requests stay in the ledger.'
  static override examples = ['<%= config.bin %> log 2401.01234', '<%= config.bin %> log 2401.01234 --json']
  static override args = {
    id: Args.string({ ignoreStdin: true, required: true, description: 'arXiv id, in any form.' }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(Log)
    const [id = args.id] = await readIds([args.id])
    const { settings } = await this.begin(flags)
    const [{ openForReading }, { paperLog }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/overview/paper-log.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const log = await paperLog(database.db, id)
      if (!this.jsonEnabled()) this.print((await import('../cli/render/log.js')).renderLog(log))
      return log
    } finally {
      await database.close()
    }
  }
}
