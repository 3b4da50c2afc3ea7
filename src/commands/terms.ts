import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { EXIT } from '../core/errors.js'

export default class Terms extends BaseCommand {
  static override summary = 'Find the keyphrases of texts or PDFs, without a model.'
  static override description = 'The tagger that `wrap` uses, by itself.'
  static override examples = [
    '<%= config.bin %> terms paper.pdf',
    '<%= config.bin %> terms --json abstract.txt',
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'Texts or PDFs; several may follow.',
    }),
  }
  static override flags = {
    max: Flags.integer({ min: 1, max: 100, default: 15, description: 'Keyphrases a file.' }),
    workers: Flags.integer({ min: 1, max: 16, default: 2, description: 'PDFs read at the same time.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Terms)
    const { log, settings } = await this.begin(flags)
    const { fileTerms } = await import('../pipeline/file-terms.js')
    const progress = await this.beginProgress('terms')
    const show = (done: number, total: number): void =>
      progress.update({ doing: 'terms', done, total, unit: 'PDFs' })
    const files = await fileTerms(argv.map(String), flags.max, flags.workers, settings, show).finally(() =>
      progress.end(),
    )
    for (const { file, terms, error } of files) {
      if (error === undefined) this.print(`${file}: ${terms.map(({ term }) => term).join(', ')}`)
      else log.error(`${file}: ${error.code}: ${error.message}`)
    }
    if (files.some(({ error }) => error !== undefined)) process.exitCode = EXIT.failure
    return { files }
  }
}
