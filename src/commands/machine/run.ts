import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { readInput } from '../../cli/machine-input.js'
import { stopOnSignals } from '../../cli/signals.js'

export default class MachineRun extends BaseCommand {
  static override summary = 'Run a machine by hand, and print what it gives.'
  static override description =
    'For machines that work on no paper of the database: one question of ours, or one of your own. Nothing is asked of a model unless a profile says so; then each request is booked in the ledger, as any other. Checkpoints are kept in memory; --debug tells each.'
  static override examples = [
    '<%= config.bin %> machine run my-config/machine.yml --set title="Leases" --set paper_text=@paper.txt',
    '<%= config.bin %> machine run analyze --input paper.json --json',
    'jq .paper in.json | <%= config.bin %> machine run my-config/machine.yml --input - --profile cheap',
  ]
  static override args = {
    machine: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'A phase (prep, analyze, wrap) or judge, as it is in force, or a file.',
    }),
  }
  static override flags = {
    input: Flags.string({
      helpValue: 'FILE',
      description: 'What `input` means: an object of JSON in a file, or - for standard input.',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      description: 'A member of it: JSON, else text; @FILE for the text of a file.',
    }),
    profile: Flags.string({
      helpValue: 'NAME',
      description: 'Profile for every request; default: RPA_PROFILE, else offline.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(MachineRun)
    const { settings: given, log } = await this.begin(flags, { profile: flags.profile })
    const settings = { ...given, profile: given.profile ?? 'offline' }
    const input = await readInput(flags.input, flags.set ?? [])
    const [{ configTree }, { namedMachine }, { openResources }, { runByHand }] = await Promise.all([
      import('../../pipeline/config/config-tree.js'),
      import('../../pipeline/config/named-machine.js'),
      import('../../pipeline/resources/resources.js'),
      import('../../pipeline/run-by-hand.js'),
    ])
    const machine = namedMachine(configTree(settings), args.machine)
    const resources = await openResources(settings, log)
    const { inFlight } = resources
    const signals = stopOnSignals({ log, limitMs: settings.drainTimeout * 1000, inFlight })
    try {
      const result = await runByHand(resources, machine, { input, ...signals })
      this.printDocument(JSON.stringify(result.output, null, 2))
      return result
    } finally {
      const code = signals.exitCode()
      if (code !== null) process.exitCode = code
      signals.dispose()
      await resources.close()
    }
  }
}
