import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'

export default class Init extends BaseCommand {
  static override summary = 'Make a workspace: settings, a place for keys, schedules for cron and systemd.'
  static override description =
    'Writes rpa.yml with every setting as a comment, .env.example, crontab.example and systemd units with full paths, and the folders data/ and backup/. With --samples, also seven sample papers with a corpus, to try everything offline. What is there already stays as it is.'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init papers',
    '<%= config.bin %> init first --samples',
  ]
  static override args = {
    dir: Args.string({ ignoreStdin: true, default: '.', description: 'The folder; made if there is none.' }),
  }

  static override flags = {
    samples: Flags.boolean({ description: 'With sample papers, and set to work offline and without a key.' }),
  }

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(Init)
    await this.begin(flags)
    const [{ initWorkspace }, { renderInit }] = await Promise.all([
      import('../pipeline/init/init.js'),
      import('../cli/render/init.js'),
    ])
    const workspace = await initWorkspace(args.dir, flags.samples)
    this.print(renderInit(workspace, process.cwd(), flags.samples))
    return workspace
  }
}
