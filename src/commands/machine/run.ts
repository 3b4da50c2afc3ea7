import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { readIds } from '../../cli/ids.js'
import { readInput } from '../../cli/machine-input.js'
import { stopOnSignals } from '../../cli/signals.js'

export default class MachineRun extends BaseCommand {
  static override summary = 'Run a machine by hand, and print what it gives.'
  static override description =
    'Its input is what a phase would give it of a paper of the database (--id), what you give it, or both. The paper is only read: its row, its checkpoints and its report stay as they are, and what wrap assembles is printed. Nothing is asked of a model unless a profile says so; then each request is booked in the ledger, as any other. Checkpoints are kept in memory; --debug tells each.'
  static override examples = [
    '<%= config.bin %> machine run prep --id 1706.03762',
    '<%= config.bin %> machine run my-config/machines/analyze.yml --id 1706.03762 --profile cheap',
    '<%= config.bin %> machine run wrap --id 1706.03762 | jq -r .report',
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
    id: Flags.string({
      helpValue: 'ID',
      description: 'A paper of the database: all that is stored of it is the input.',
    }),
    input: Flags.string({
      helpValue: 'FILE',
      description: 'What `input` means: an object of JSON in a file, or - for standard input.',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      description:
        'A member of it, over that of --input and --id: JSON, else text; @FILE for the text of a file.',
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
    const [id = null] = flags.id === undefined ? [] : await readIds([flags.id])
    const [{ configFolders }, { namedMachine }, { byHandPaper }, { openResources }, { runByHand }] =
      await Promise.all([
        import('../../pipeline/config/config-folders.js'),
        import('../../pipeline/config/named-machine.js'),
        import('../../pipeline/paper/by-hand-paper.js'),
        import('../../pipeline/resources/resources.js'),
        import('../../pipeline/run-by-hand.js'),
      ])
    const tree = configFolders(settings)
    // A name that is wrong is told before a database is made.
    const machine = namedMachine(tree, args.machine)
    const resources = await openResources(settings, log)
    const { inFlight } = resources
    const signals = stopOnSignals({ log, limitMs: settings.drainTimeout * 1000, inFlight })
    try {
      const paper = id === null ? null : await byHandPaper(resources.db, id)
      const options = { input, paper, ...signals }
      const chosen = paper === null ? machine : namedMachine(tree, args.machine, paper.pipeline)
      const result = await runByHand(resources, chosen, options)
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
