import { PhaseCommand } from '../cli/phase-command.js'

export default class Wrap extends PhaseCommand {
  static override summary =
    'Judge limits and confidence, tag, assemble and write the report (1 cheap request, 2 with a repair).'
  static override description =
    'Takes analyzed papers to done. A report with a missing section sends one repair request; if it is still not whole, the paper fails.'
  static override examples = ['<%= config.bin %> wrap --limit 20', '<%= config.bin %> wrap --profile offline']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Wrap)
    return this.runPhase('wrap', flags)
  }
}
