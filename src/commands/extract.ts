import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { EXIT } from '../core/errors.js'

export default class Extract extends BaseCommand {
  static override summary = 'Read PDFs: clean text in reading order, sections, references.'
  static override description =
    'The reader that `prep` uses, by itself. Page marks like [p. 4] say where a page begins. A bad file gets its error, the others go on, and the exit code is 1 at the end.'
  static override examples = [
    '<%= config.bin %> extract paper.pdf',
    '<%= config.bin %> extract --json *.pdf',
    '<%= config.bin %> extract --markdown paper.pdf > paper.md',
  ]
  static override strict = false
  static override args = {
    file: Args.string({ ignoreStdin: true, required: true, description: 'PDF files; several may follow.' }),
  }
  static override flags = {
    markdown: Flags.boolean({
      exclusive: ['json'],
      description: 'Print Markdown: title, authors, sections, captions, references as a list.',
    }),
    workers: Flags.integer({ min: 1, max: 16, default: 2, description: 'Files read at the same time.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Extract)
    const { settings } = await this.begin(flags)
    const { extractFiles } = await import('../pipeline/extract-files.js')
    const progress = await this.beginProgress('extract')
    const total = argv.length
    const show = (done: number): void => progress.update({ doing: 'extract', done, total, unit: 'files' })
    const files = await extractFiles(argv.map(String), flags.workers, settings, show).finally(() =>
      progress.end(),
    )
    const read = files.filter(({ error }) => error === undefined)
    if (flags.markdown && read.length > 0) {
      const { joinedMarkdown } = await import('../cli/render/extract.js')
      this.printDocument(joinedMarkdown(read).trimEnd())
    } else {
      for (const { text } of read) this.printDocument(text)
    }
    for (const { file, error } of files) {
      if (error !== undefined) this.complain(`${file}: ${error.code}: ${error.message}`)
    }
    if (read.length < files.length) process.exitCode = EXIT.failure
    return { files }
  }
}
