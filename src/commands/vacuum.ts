import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'

export default class Vacuum extends BaseCommand {
  static override summary = 'Compact the executions DB, or write a compact copy of it.'
  static override description =
    'In place it needs the DB for itself: while another process has it open nothing is done (exit 75). With --into it works at any time; the copy is one moment of the DB, is checked, and serves as a backup.'
  static override examples = [
    '<%= config.bin %> vacuum',
    '<%= config.bin %> vacuum --into backup/executions-$(date +%F).sqlite',
  ]
  static override flags = {
    into: Flags.string({
      helpValue: 'FILE',
      description: 'Write a compact, checked copy to this file instead.',
    }),
    force: Flags.boolean({ dependsOn: ['into'], description: 'Replace FILE if it is there.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Vacuum)
    const { settings } = await this.begin(flags)
    const [{ sqlitePath }, { renderVacuum }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../cli/render/maintenance.js'),
    ])
    const path = sqlitePath(settings.databaseUrl)
    const result =
      flags.into === undefined
        ? await (await import('../db/maintenance/vacuum.js')).vacuumInPlace(path)
        : await (await import('../db/maintenance/vacuum-into.js')).vacuumInto(path, flags.into, flags.force)
    this.print(renderVacuum(result))
    return result
  }
}
