import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import type { Shell } from '../cli/completion.js'

/** Those of `completionScript`, which is loaded when it is asked for. */
const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish']

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes commands, flags and their values in your shell.'
  static override description =
    'The script asks nothing of rpa when it completes; print it anew after an update. With bash: `source <(rpa completion bash)`, or put it where bash-completion looks; with zsh into a folder of fpath, as _rpa; with fish into ~/.config/fish/completions/rpa.fish.'
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/rpa.fish',
  ]
  static override args = {
    shell: Args.custom<Shell>({ options: [...SHELLS] })({
      ignoreStdin: true,
      required: true,
      description: 'The shell.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(Completion)
    await this.begin(flags)
    const { completionScript } = await import('../cli/completion.js')
    const script = completionScript(args.shell, this.config)
    this.printDocument(script.trimEnd())
    return { shell: args.shell, script }
  }
}
