import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { EXIT, UsageError } from '../../core/errors.js'

export default class MachineCheck extends BaseCommand {
  static override summary = 'Check machine, agent, prompt and profile files without running anything.'
  static override description =
    'Reads the files named, or all YAML files below the folders named, and everything they refer to, and prints every fault at once. Without a path the configuration in force is checked. Exits 78 if there is a fault.'
  static override examples = [
    '<%= config.bin %> machine check',
    '<%= config.bin %> machine check my-config/ other/machine.yml',
  ]
  static override strict = false
  static override args = { path: Args.string({ description: 'Files or folders.' }) }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(MachineCheck)
    const { settings } = await this.begin(flags)
    const [{ existsSync }, { checkConfigs }, { configTree }, { ACTION_NAMES }, { renderCheck }] =
      await Promise.all([
        import('node:fs'),
        import('../../machines/check.js'),
        import('../../pipeline/config-tree.js'),
        import('../../machines/actions/names.js'),
        import('../../cli/render-check.js'),
      ])
    const tree = configTree(settings)
    const paths = argv.length > 0 ? argv.map(String) : [...tree.folders]
    for (const path of paths) {
      if (!existsSync(path)) throw new UsageError('no_such_file', `There is no file or folder ${path}.`)
    }
    const report = checkConfigs(paths, {
      resolveFile: (from, relative) => tree.resolve(from, relative),
      knownActions: ACTION_NAMES,
    })
    if (report.files.some((file) => file.faults.length > 0)) process.exitCode = EXIT.config
    this.print(renderCheck(report))
    return report
  }
}
