import { BaseCommand } from '../../cli/base-command.js'
import { EXIT } from '../../core/errors.js'

export default class ConfigCheck extends BaseCommand {
  static override summary =
    'Check all settings and configuration files in force, and print every fault at once.'
  static override description =
    'Reads flags, environment, .env, rpa.yml, and every configuration file that the commands would read: machines, agents, prompts, profiles, limits, terminology, relevance. Nothing is run, no request is sent. Exits 78 if there is a fault.'
  static override examples = ['<%= config.bin %> config check', '<%= config.bin %> config check --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigCheck)
    const { faults, ...resolved } = await this.collect(flags)
    const [{ checkAll }, { renderCheck }] = await Promise.all([
      import('../../pipeline/config/check-config.js'),
      import('../../cli/render/check.js'),
    ])
    const report = checkAll(resolved, faults, process.env)
    if (report.files.some((file) => file.faults.length > 0)) process.exitCode = EXIT.config
    this.print(renderCheck(report))
    return report
  }
}
