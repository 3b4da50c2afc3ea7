import { phaseFlags, reserveFlags } from '../cli/flags.js'
import { PhaseCommand } from '../cli/phase-command.js'

export default class Analyze extends PhaseCommand {
  static override summary =
    'Ask why it works, how to reproduce it and what is open (3 expensive requests a paper).'
  static override description =
    'Takes prepped papers to analyzed. The three requests of a paper run in parallel; answers already paid for are kept.'
  static override examples = [
    '<%= config.bin %> analyze --limit 20',
    '<%= config.bin %> analyze --profile offline',
  ]
  static override flags = { ...phaseFlags, ...reserveFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Analyze)
    return this.runPhase('analyze', flags)
  }
}
