import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { EXIT } from '../core/errors.js'

export default class Doctor extends BaseCommand {
  static override summary = 'Say what is wrong with this set-up, and what to do about it.'
  static override description =
    'Looks at Node, SQLite, settings, configuration files, keys, endpoints and models, the clock, folders and disk, corpus, executions DB, stuck work, and at what cron would not see. Asks endpoints only what costs no request. Exits 78 if something is bad.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --fix']
  static override flags = {
    fix: Flags.boolean({ description: 'Put right what is safe: who may read .env.' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor)
    const collected = await this.collect(flags)
    const [{ examine }, { renderFindings }] = await Promise.all([
      import('../pipeline/doctor/doctor.js'),
      import('../cli/render/doctor.js'),
    ])
    const env = { ...process.env }
    // Proxies and what PostgreSQL's driver reads are looked up there.
    Object.assign(process.env, collected.variables)
    const findings = await examine(collected, env, flags.fix)
    if (findings.some(({ state }) => state === 'bad')) process.exitCode = EXIT.config
    this.print(renderFindings(findings))
    return { findings }
  }
}
