import { DEFAULT_BURST_WINDOW_MS, burstFlags, phaseFlags, reserveFlags } from '../cli/flags.js'
import { PhaseCommand } from '../cli/phase-command.js'

export default class Prep extends PhaseCommand {
  static override summary =
    'Fetch and read PDFs, find neighbours, write the key outcome (1 cheap request a paper).'
  static override description =
    "Takes pending papers, best priority first, to prepped. Papers whose work was interrupted are continued first.\n\nWith --burst it is made for cron: in the last hours of the UTC day it spends what is left of the day's requests, which would be lost at midnight; at any other time it does nothing and exits with 0."
  static override examples = [
    '<%= config.bin %> prep --limit 20',
    '<%= config.bin %> prep --profile offline',
    '<%= config.bin %> prep --burst --burst-window 90m --reserve 20',
  ]
  static override flags = { ...phaseFlags, ...reserveFlags, ...burstFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Prep)
    if (!flags.burst) return this.runPhase('prep', flags)
    const [{ burst }, { renderBurst }] = await Promise.all([
      import('../pipeline/burst.js'),
      import('../cli/render/run.js'),
    ])
    const windowMs = flags['burst-window'] ?? DEFAULT_BURST_WINDOW_MS
    const reserve = flags.reserve ?? 0
    return this.runWork(
      flags,
      (resources, options) => burst(resources, { ...options, windowMs, reserve }),
      renderBurst,
    )
  }
}
