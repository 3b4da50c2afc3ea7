import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'

export default class CorpusImport extends BaseCommand {
  static override summary = 'Make or extend a corpus DB from arXiv metadata files.'
  static override description =
    "Reads arXiv's Kaggle dump: JSON lines or one JSON array, plain or gzipped, told apart by content. Running it again changes nothing; newer versions are added."
  static override examples = ['<%= config.bin %> corpus import arxiv-metadata-oai-snapshot.json']
  static override strict = false
  static override args = {
    file: Args.string({ required: true, description: 'Metadata files; several may follow.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(CorpusImport)
    const { settings } = await this.begin(flags)
    const [{ importCorpus }, { progressLine }, { renderImport }] = await Promise.all([
      import('../../corpus/import.js'),
      import('../../cli/progress.js'),
      import('../../cli/render-import.js'),
    ])
    const progress = progressLine(this.interactive)
    try {
      const result = await importCorpus(settings.corpusDb, argv.map(String), {
        onProgress: ({ file, read }) => progress.update(`${file}: ${read} records`),
      })
      progress.end()
      this.print(renderImport(result, settings.corpusDb))
      return result
    } finally {
      progress.end()
    }
  }
}
