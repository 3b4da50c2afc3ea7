import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'

export default class MachineGraph extends BaseCommand {
  static override summary = 'Draw a machine as a Mermaid flowchart.'
  static override description =
    'States with their agents and actions, transitions with their conditions, ways that an error takes dotted, machines below it in boxes. Code hosts and many editors show it as a picture.'
  static override examples = [
    '<%= config.bin %> machine graph prep',
    '<%= config.bin %> machine graph my-config/machine.yml > machine.mmd',
  ]
  static override args = {
    machine: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'A phase (prep, analyze, wrap) or judge, as it is in force, or a file.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MachineGraph)
    const { settings } = await this.begin(flags)
    const [{ configFolders }, { namedMachine }, { drawMachine }] = await Promise.all([
      import('../../pipeline/config/config-folders.js'),
      import('../../pipeline/config/named-machine.js'),
      import('../../machines/files/draw.js'),
    ])
    const machine = namedMachine(configFolders(settings), args.machine)
    const mermaid = drawMachine(machine)
    this.printDocument(mermaid.trimEnd())
    return { machine: machine.name, file: machine.file, mermaid }
  }
}
