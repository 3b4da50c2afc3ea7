import { PhaseCommand } from '../cli/phase-command.js'

export default class Prep extends PhaseCommand {
  static override summary =
    'Fetch and read PDFs, find neighbours, write the key outcome (1 cheap request a paper).'
  static override description =
    'Takes pending papers, best priority first, to prepped. Papers whose work was interrupted are continued first.'
  static override examples = ['<%= config.bin %> prep --limit 20', '<%= config.bin %> prep --profile offline']

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Prep)
    return this.runPhase('prep', flags)
  }
}
