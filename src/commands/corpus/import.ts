import { Args } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import { EXIT } from '../../core/errors.js'

export default class CorpusImport extends BaseCommand {
  static override summary = 'Make or extend a corpus DB from arXiv metadata files.'
  static override description =
    "Reads arXiv's Kaggle dump (JSON lines or one JSON array), answers of arXiv's API (Atom) and of its OAI-PMH server (arXiv, arXivRaw, oai_dc), plain or gzipped, told apart by content; - is standard input. Running it again changes nothing; newer versions are added. A file that breaks off (a download cut short) is imported up to there, and the exit code is 1."
  static override examples = [
    '<%= config.bin %> corpus import arxiv-metadata-oai-snapshot.json',
    'unzip -p archive.zip | <%= config.bin %> corpus import -',
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'Metadata files; several may follow.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(CorpusImport)
    const { settings } = await this.begin(flags)
    const [{ importCorpus }, { renderImport, importProgress }] = await Promise.all([
      import('../../corpus/importing/import.js'),
      import('../../cli/render/import.js'),
    ])
    const progress = await this.beginProgress('corpus import')
    try {
      const result = await importCorpus(settings.corpusDb, argv.map(String), {
        onProgress: (file, read) => progress.update(importProgress(file, read)),
        onIndexing: () => progress.update({ doing: 'indexing titles and abstracts' }),
      })
      progress.end()
      this.print(renderImport(result, settings.corpusDb))
      for (const { file, broken } of result.files) {
        if (broken === undefined) continue
        this.complain(
          `${file} is not whole: ${broken}; what came before is in the corpus. Get the file again.`,
        )
        process.exitCode = EXIT.failure
      }
      return result
    } finally {
      progress.end()
    }
  }
}
