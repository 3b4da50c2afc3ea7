import { Flags } from '@oclif/core'
import { PhaseCommand } from '../cli/phase-command.js'
import { phaseFlags } from '../cli/flags.js'
import type { PhaseName } from '../core/phases.js'
import { PHASE_NAMES } from '../core/phases.js'

export default class Resume extends PhaseCommand {
  static override summary = 'Continue papers whose work was interrupted; begin nothing new.'
  static override description =
    'Takes papers that were left in the middle of a phase, by a killed process or a stop, and finishes that phase. What was answered is not asked again.'
  static override examples = ['<%= config.bin %> resume', '<%= config.bin %> resume --phase analyze']
  static override flags = {
    ...phaseFlags,
    phase: Flags.string({
      multiple: true,
      options: PHASE_NAMES,
      description: 'Only this phase; may be repeated.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Resume)
    const { resume } = await import('../pipeline/run-phase.js')
    return this.runWork(flags, (resources, options) =>
      resume(resources, (flags.phase ?? []) as PhaseName[], options),
    )
  }
}
