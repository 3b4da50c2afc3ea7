import { BaseCommand } from '../../cli/base-command.js'

export default class ConfigShow extends BaseCommand {
  static override summary = 'Show every setting, and where its value came from.'
  static override description =
    'A flag wins over the environment, that over the .env beside rpa.yml, that over rpa.yml, that over the default. Passwords and keys are not shown.'
  static override examples = ['<%= config.bin %> config show', '<%= config.bin %> config show --json']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigShow)
    const { resolved } = await this.begin(flags)
    const [{ shownSettings }, { renderSettings }] = await Promise.all([
      import('../../pipeline/config/shown-settings.js'),
      import('../../cli/render/settings.js'),
    ])
    const shown = shownSettings(resolved)
    this.print(renderSettings(shown))
    return shown
  }
}
