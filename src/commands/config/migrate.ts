import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'

export default class ConfigMigrate extends BaseCommand {
  static override summary =
    'Rewrite machine, agent, prompt and profile files to the newest version of their format.'
  static override description = 'Comments and order stay. A file that is up to date is left as it is.'
  static override examples = ['<%= config.bin %> config migrate config/machines/prep.yml']
  static override strict = false
  static override args = {
    file: Args.string({ ignoreStdin: true, required: true, description: 'Files; several may follow.' }),
  }
  static override flags = {
    'dry-run': Flags.boolean({ description: 'Say what would change, and write nothing.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ConfigMigrate)
    await this.begin(flags)
    const { migrateFiles } = await import('../../pipeline/config/migrate-files.js')
    const files = await migrateFiles(argv.map(String), flags['dry-run'])
    for (const { file, changes } of files) {
      this.print(changes.length === 0 ? `${file}: up to date` : [`${file}:`, ...changes].join('\n  '))
    }
    return { files }
  }
}
