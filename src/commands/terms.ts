import { existsSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { idOf, readIds } from '../cli/ids.js'
import { EXIT, UsageError } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import type { FileTerms } from '../pipeline/file-terms.js'
import type { CorpusVocabulary } from '../pipeline/vocabulary.js'

/** No command needs the corpus DB less: here the word means the reports, and the flag has no value. */
const OF_REPORTS = Flags.boolean({
  description: 'The vocabulary of the reports in the DB, instead of files.',
})

export default class Terms extends BaseCommand {
  static override summary = 'Find the keyphrases of texts, PDFs or papers in the DB, without a model.'
  static override description =
    'The tagger that `wrap` uses, by itself: score, count and sources of each term stand in the JSON; with --corpus, the tags of all reports under one name each, and what was merged.'
  static override examples = [
    '<%= config.bin %> terms paper.pdf',
    '<%= config.bin %> terms --json abstract.txt',
    '<%= config.bin %> terms --json 2401.01234',
    '<%= config.bin %> terms --corpus',
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'Texts, PDFs or ids of papers in the DB; several may follow.',
    }),
  }
  static override flags = {
    corpus: OF_REPORTS as unknown as typeof BaseCommand.baseFlags.corpus,
    max: Flags.integer({ min: 1, max: 100, default: 15, description: 'Keyphrases a file.' }),
    workers: Flags.integer({ min: 1, max: 16, default: 2, description: 'PDFs read at the same time.' }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Terms)
    const { settings } = await this.begin({ ...flags, corpus: undefined })
    const ofReports = Boolean(flags.corpus)
    if (ofReports && argv.length > 0)
      throw new UsageError('corpus_and_files', '--corpus is about the reports in the DB: name no files.')
    if (ofReports) return this.#vocabulary(settings)
    if (argv.length === 0) throw new UsageError('no_files', 'Name texts, PDFs or papers, or say --corpus.')
    const { fileTerms } = await import('../pipeline/file-terms.js')
    const progress = await this.beginProgress('terms')
    const show = (done: number, total: number): void =>
      progress.update({ doing: 'terms', done, total, unit: 'PDFs' })
    const given = argv.map(String)
    const ids = given.filter((word) => !existsSync(word) && idOf(word) !== null)
    const paths = given.filter((word) => !ids.includes(word))
    const files = await fileTerms(paths, flags.max, flags.workers, settings, show).finally(() =>
      progress.end(),
    )
    if (ids.length > 0) files.push(...(await this.#papers(settings, ids)))
    for (const { file, terms, error } of files) {
      if (error === undefined) this.print(`${file}: ${terms.map(({ term }) => term).join(', ')}`)
      else this.complain(`${file}: ${error.code}: ${error.message}`)
    }
    if (files.some(({ error }) => error !== undefined)) process.exitCode = EXIT.failure
    return { files }
  }

  async #papers(settings: Settings, ids: readonly string[]): Promise<FileTerms[]> {
    const [{ openForReading }, { paperTerms }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/paper-terms.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      return await paperTerms(database.db, settings, await readIds(ids))
    } finally {
      await database.close()
    }
  }

  async #vocabulary(settings: Settings): Promise<CorpusVocabulary> {
    const [{ openForReading }, { corpusVocabulary }, { renderVocabulary }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/vocabulary.js'),
      import('../cli/render/vocabulary.js'),
    ])
    const database = await openForReading(settings.databaseUrl)
    try {
      const vocabulary = await corpusVocabulary(database.db, settings)
      this.print(renderVocabulary(vocabulary))
      for (const { arxiv_id: id, message } of vocabulary.unreadable) this.warn(`${id}: ${message}`)
      if (vocabulary.unreadable.length > 0) process.exitCode = EXIT.failure
      return vocabulary
    } finally {
      await database.close()
    }
  }
}
