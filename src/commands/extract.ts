import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { EXIT } from '../core/errors.js'

export default class Extract extends BaseCommand {
  static override summary = 'Read PDFs: clean text in reading order, sections, references.'
  static override description =
    'The reader that `prep` uses, by itself. Page marks like [p. 4] say where a page begins. A bad file gets its error, the others go on, and the exit code is 1 at the end.'
  static override examples = ['<%= config.bin %> extract paper.pdf', '<%= config.bin %> extract --json *.pdf']
  static override strict = false
  static override args = {
    file: Args.string({ required: true, description: 'PDF files; several may follow.' }),
  }
  static override flags = {
    workers: Flags.integer({ min: 1, max: 16, default: 2, description: 'Files read at the same time.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Extract)
    const { log } = await this.begin(flags)
    const { extractFiles } = await import('../pipeline/extract-files.js')
    const files = await extractFiles(argv.map(String), flags.workers)
    for (const { file, text, error } of files) {
      if (error === undefined) this.print(text)
      else log.error(`${file}: ${error.code}: ${error.message}`)
    }
    if (files.some(({ error }) => error !== undefined)) process.exitCode = EXIT.failure
    return { files }
  }
}
