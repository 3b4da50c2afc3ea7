import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { ConfigError, EXIT, UsageError } from '../core/errors.js'

export default class Quality extends BaseCommand {
  static override summary = 'Check reports without a model, ours or the earlier tool’s, and compare two sets.'
  static override description =
    'Looks at sections, at every number, quotation, page and address that can be looked up in the paper, at tags, length, and at what reports of one set share. The text of a paper comes from the executions DB, else from {arxiv_id}.pdf in --pdf-dir; without it the facts are not checked.'
  static override examples = [
    '<%= config.bin %> quality',
    '<%= config.bin %> quality data/reports --html quality.html',
    '<%= config.bin %> quality data/reports --baseline old-reports --pdf-dir pdfs',
    '<%= config.bin %> quality --fix --dry-run',
  ]
  static override strict = false
  static override args = {
    path: Args.string({
      ignoreStdin: true,
      description: 'Reports or folders of them; default: those of the DB.',
    }),
  }
  static override flags = {
    baseline: Flags.string({
      helpValue: 'DIR',
      description: 'Compare with reports of the same papers, paper by paper.',
    }),
    'pdf-dir': Flags.string({ helpValue: 'DIR', description: 'Papers whose text the DB does not have.' }),
    html: Flags.string({ helpValue: 'FILE', description: 'Write a page with plots, too.' }),
    fix: Flags.boolean({ description: 'Have broken reports of the DB’s papers written again.' }),
    'dry-run': Flags.boolean({ dependsOn: ['fix'], description: 'Say which, and change nothing.' }),
    'fail-under': Flags.string({
      helpValue: 'X',
      description: 'Exit 1 where the mean score is less (0 to 1).',
    }),
  }

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Quality)
    const least = flags['fail-under'] === undefined ? null : Number(flags['fail-under'])
    if (least !== null && !(least >= 0 && least <= 1))
      throw new UsageError('bad_score', `"${flags['fail-under']}" is no score from 0 to 1.`)
    const { settings, log } = await this.begin(flags)
    const [{ openDatabase, openForReading }, { judgeReports }, { renderQuality }] = await Promise.all([
      import('../db/engine/open.js'),
      import('../pipeline/quality.js'),
      import('../cli/render/quality.js'),
    ])
    const writes = flags.fix && !flags['dry-run']
    const paths = argv.map(String)
    if (flags.fix && paths.length > 0)
      throw new UsageError(
        'fix_of_files',
        '--fix has the reports of the DB written again, and judges those: name no files.',
      )
    const database = await (writes ? openDatabase : openForReading)(settings.databaseUrl).catch(
      (error: unknown) => {
        // Files can be judged without one.
        if (paths.length > 0 && !flags.fix && error instanceof ConfigError && error.code === 'db_missing')
          return null
        throw error
      },
    )
    try {
      const options = { paths, baseline: flags.baseline ?? null, pdfDir: flags['pdf-dir'] ?? settings.pdfDir }
      const result = await judgeReports({ db: database?.db ?? null, settings }, options)
      this.print(renderQuality(result))
      for (const { file, message } of result.unreadable) log.error(`${file}: ${message}`)
      if (flags.html !== undefined) {
        const [{ qualityPage }, { replaceFile }] = await Promise.all([
          import('../cli/render/quality-page.js'),
          import('../core/replace-file.js'),
        ])
        await replaceFile(flags.html, Buffer.from(qualityPage(result)))
      }
      const mean = result.summary.mean_score
      const isPoor = least !== null && (mean ?? 0) < least
      if (isPoor)
        log.error(
          mean === null
            ? 'there is no report to judge'
            : `the mean score, ${mean.toFixed(3)}, is under ${least}`,
        )
      if (result.unreadable.length > 0 || isPoor) process.exitCode = EXIT.failure
      if (!flags.fix || database === null) return result
      const { rewriteBroken } = await import('../pipeline/rewrite-broken.js')
      const fixed = await rewriteBroken(database.db, result.reports, database.clock.now(), flags['dry-run'])
      const verb = flags['dry-run'] ? 'would be' : 'will be'
      this.print(`${fixed.length} broken reports ${verb} written again: ${fixed.join(', ') || 'none'}`)
      return { ...result, fixed }
    } finally {
      await database?.close()
    }
  }
}
