import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { UsageError } from '../../core/errors.js'

export default class CorpusRelated extends BaseCommand {
  static override summary =
    'Show the papers of the corpus that are near one, and numbers about them, as prep sees them.'
  static override description =
    'A paper of the corpus by its id, or any text: its first line is taken for the title, the rest for the abstract. Nothing near is an answer, too.'
  static override examples = [
    '<%= config.bin %> corpus related 1706.03762',
    '<%= config.bin %> corpus related --text draft.txt --json',
  ]
  static override args = { id: Args.string({ ignoreStdin: true, description: 'A paper of the corpus.' }) }
  static override flags = {
    text: Flags.string({ helpValue: 'FILE', description: 'A text instead; - for standard input.' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(CorpusRelated)
    if ((args.id === undefined) === (flags.text === undefined)) {
      throw new UsageError('related_what', 'Name one paper, or give a text.', {
        hint: 'rpa corpus related 1706.03762, or rpa corpus related --text FILE.',
      })
    }
    const { settings } = await this.begin(flags)
    const [{ openCorpus }, { relatedToPaper, relatedToText }, { readText }, { renderRelated }] =
      await Promise.all([
        import('../../corpus/open.js'),
        import('../../pipeline/related.js'),
        import('../../cli/text-argument.js'),
        import('../../cli/render/related.js'),
      ])
    const text = flags.text === undefined ? null : await readText(flags.text)
    const corpus = openCorpus(settings.corpusDb)
    try {
      const result = text === null ? relatedToPaper(corpus, args.id ?? '') : relatedToText(corpus, text)
      this.print(renderRelated(result))
      return result
    } finally {
      corpus.close()
    }
  }
}
