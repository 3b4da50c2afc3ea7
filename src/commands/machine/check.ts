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
  static override args = { path: Args.string({ ignoreStdin: true, description: 'Files or folders.' }) }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(MachineCheck)
    const { settings, resolved } = await this.begin(flags)
    const [{ existsSync }, { checkInForce, checkPaths }, { configFolders }, { renderCheck }] =
      await Promise.all([
        import('node:fs'),
        import('../../pipeline/config/check-config.js'),
        import('../../pipeline/config/config-folders.js'),
        import('../../cli/render/check.js'),
      ])
    const tree = configFolders(settings)
    const paths = argv.map(String)
    for (const path of paths) {
      if (!existsSync(path)) throw new UsageError('no_such_file', `There is no file or folder ${path}.`)
    }
    const report = paths.length > 0 ? checkPaths(tree, paths) : checkInForce(tree, resolved)
    if (report.files.some((file) => file.faults.length > 0)) process.exitCode = EXIT.config
    this.print(renderCheck(report))
    return report
  }
}
