import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { stopOnSignals } from '../cli/signals.js'
import { ConfigError, EXIT, UsageError } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import type { Settings } from '../core/settings/settings.js'
import type { OpenDatabase } from '../db/engine/open-database.js'
import type { Db } from '../db/engine/prepared.js'
import type { Asked } from '../pipeline/judging/ask.js'
import type { Judging } from '../pipeline/judging/judge-pairs.js'
import type { PairToJudge, Question } from '../pipeline/judging/plan.js'
import type { Resources } from '../pipeline/resources/resources.js'

/** Files that are named; a folder may hold thousands of others. */
const SHOWN_UNREADABLE = 10

export default class Quality extends BaseCommand {
  static override summary =
    'Check reports, ours or the earlier tool’s, and compare two sets; without a model unless --judge is given.'
  static override description =
    'Looks at sections, at every number, quotation, page and address that can be looked up in the paper, at tags, length, and at what reports of one set share. The text of a paper comes from the executions DB, else from {arxiv_id}.pdf in --pdf-dir; without it the facts are not checked.'
  static override examples = [
    '<%= config.bin %> quality',
    '<%= config.bin %> quality data/reports --html quality.html',
    '<%= config.bin %> quality data/reports --baseline old-reports --pdf-dir pdfs',
    '<%= config.bin %> quality data/reports --baseline old-reports --judge --dry-run',
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
    judge: Flags.boolean({
      dependsOn: ['baseline'],
      exclusive: ['fix'],
      description: 'Ask a model, too, which report of each pair is better: two requests a paper, once.',
    }),
    'dry-run': Flags.boolean({
      relationships: [{ type: 'some', flags: ['fix', 'judge'] }],
      description:
        'With --fix, say which, and change nothing; with --judge, how many requests it takes, and ask nothing.',
    }),
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
    const paths = argv.map(String)
    if (flags.fix && paths.length > 0)
      throw new UsageError(
        'fix_of_files',
        '--fix has the reports of the DB written again, and judges those: name no files.',
      )
    const [{ judgeReports }, { renderQuality }] = await Promise.all([
      import('../pipeline/quality.js'),
      import('../cli/render/quality.js'),
    ])
    const judging = flags.judge ? await this.#openJudging(settings, log, flags['dry-run']) : null
    const database = judging?.resources ?? (await openFor(settings, flags, paths.length > 0))
    const db = database?.db ?? null
    try {
      const options = {
        paths,
        baseline: flags.baseline ?? null,
        pdfDir: flags['pdf-dir'] ?? settings.pdfDir,
        ...(judging === null ? {} : { judge: judging.judgeIn(db) }),
      }
      const result = await judgeReports({ db, settings }, options)
      this.print(renderQuality(result))
      const { unreadable } = result
      for (const { file, message } of unreadable.slice(0, SHOWN_UNREADABLE))
        this.complain(`${file}: ${message}`)
      if (unreadable.length > SHOWN_UNREADABLE)
        this.complain(
          `${unreadable.length - SHOWN_UNREADABLE} more files could not be judged (--json names them)`,
        )
      if (flags.html !== undefined) {
        const [{ qualityPage }, { replaceFile }] = await Promise.all([
          import('../cli/render/quality-page.js'),
          import('../core/files/replace-file.js'),
        ])
        await replaceFile(flags.html, Buffer.from(qualityPage(result)))
      }
      const mean = result.summary.mean_score
      const isPoor = least !== null && (mean ?? 0) < least
      if (isPoor)
        this.complain(
          mean === null
            ? 'there is no report to judge'
            : `the mean score, ${mean.toFixed(3)}, is under ${least}`,
        )
      if (unreadable.length > 0 || isPoor) process.exitCode = EXIT.failure
      process.exitCode = judging?.exitCode() ?? process.exitCode
      if (!flags.fix || database === null) return result
      const { rewriteBroken } = await import('../pipeline/rewrite-broken.js')
      const fixed = await rewriteBroken(database.db, result.reports, database.clock.now(), flags['dry-run'])
      const verb = flags['dry-run'] ? 'would be' : 'will be'
      this.print(`${fixed.length} broken reports ${verb} written again: ${fixed.join(', ') || 'none'}`)
      return { ...result, fixed }
    } finally {
      judging?.dispose()
      await database?.close()
    }
  }

  /** Opens what a judge needs; with `dryRun` it is asked nothing, and needs no key and no DB. */
  async #openJudging(settings: Settings, log: Logger, dryRun: boolean): Promise<OpenJudging> {
    const [{ configFolders }, { judgeInForce }, { judgePairs }] = await Promise.all([
      import('../pipeline/config/config-folders.js'),
      import('../pipeline/judging/plan.js'),
      import('../pipeline/judging/judge-pairs.js'),
    ])
    const judge = judgeInForce(configFolders(settings), settings, dryRun ? null : process.env)
    if (dryRun) {
      return {
        resources: null,
        judgeIn: (db) => (pairs) => judgePairs({ db, judge, log, ask: null }, pairs),
        exitCode: () => null,
        dispose: () => undefined,
      }
    }
    const [{ openResources }, { askJudge }] = await Promise.all([
      import('../pipeline/resources/resources.js'),
      import('../pipeline/judging/ask.js'),
    ])
    const resources = await openResources(settings, log)
    const signals = stopOnSignals({
      log,
      limitMs: settings.drainTimeout * 1000,
      inFlight: resources.inFlight,
    })
    let exit: number | null = null
    const ask = async (questions: readonly Question[]): Promise<Asked> => {
      const progress = await this.beginProgress('judge')
      const total = questions.length
      const show = (done: number): void => progress.update({ doing: 'judge', done, total, unit: 'answers' })
      return askJudge(resources, judge, questions, signals, show).finally(() => progress.end())
    }
    return {
      resources,
      judgeIn: (db) => async (pairs) => {
        const judging = await judgePairs({ db, judge, log, ask }, pairs)
        exit = judging.exit
        return judging
      },
      exitCode: () => signals.exitCode() ?? exit,
      dispose: () => signals.dispose(),
    }
  }
}

interface OpenJudging {
  /** Null where nothing is asked. */
  resources: Resources | null
  judgeIn: (db: Db | null) => (pairs: readonly PairToJudge[]) => Promise<Judging>
  /** Null: nothing stopped it. */
  exitCode: () => number | null
  dispose: () => void
}

/** Null where there is no DB: files can be judged without one. */
async function openFor(
  settings: Settings,
  { fix, 'dry-run': dryRun }: { fix: boolean; 'dry-run': boolean },
  hasFiles: boolean,
): Promise<OpenDatabase | null> {
  const { openExisting, openForReading } = await import('../db/engine/open.js')
  const open = fix && !dryRun ? openExisting : openForReading
  return open(settings.databaseUrl).catch((error: unknown) => {
    if (hasFiles && !fix && error instanceof ConfigError && error.code === 'db_missing') return null
    throw error
  })
}
