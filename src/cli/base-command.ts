import { Command, Flags } from '@oclif/core'
import { inspect, stripVTControlCharacters } from 'node:util'
import { systemClock } from '../core/clock.js'
import type { Logger } from '../core/logging.js'
import { createLogger } from '../core/logging.js'
import type { CollectedSettings } from '../core/settings/resolve-settings.js'
import { collectSettings } from '../core/settings/resolve-settings.js'
import type { FlagValues, LogLevel, ResolvedSettings, Settings } from '../core/settings/settings.js'
import { logLine, secretsOf } from './log-lines.js'
import type { NotedIn } from './note-run.js'
import type { Progress } from './progress.js'
import { withoutControls } from './layout/width.js'
import { wordsOn } from './layout/screen.js'
import { beginTelemetry } from './telemetry.js'
import { errorDocument, errorLines, exitCodeOf, printable } from './errors.js'

export interface GlobalFlags {
  json?: boolean | undefined
  db: string | undefined
  corpus: string | undefined
  'config-dir': string | undefined
  'data-dir': string | undefined
  'log-level': string | undefined
  debug: boolean
  'otel-console': boolean
  quiet: boolean
}

/** What every command starts from. */
export interface Session {
  settings: Settings
  log: Logger
  /** The settings with their origins. */
  resolved: ResolvedSettings
}

/** A command parses its flags, calls one function, and prints what came back. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = {
    db: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'PATH',
      description: 'Executions DB, a file or a postgres: URL (RPA_DATABASE_URL).',
    }),
    corpus: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'PATH',
      description: 'Corpus DB, only read (RPA_CORPUS_DB).',
    }),
    'config-dir': Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
      description: 'Own configuration; files in it win over the built-in ones (RPA_CONFIG_DIR).',
    }),
    'data-dir': Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
      description: 'Databases, PDFs, reports (RPA_DATA_DIR).',
    }),
    'log-level': Flags.string({
      helpGroup: 'GLOBAL',
      options: ['error', 'warn', 'info', 'debug'],
      description: 'What to tell on stderr.',
    }),
    debug: Flags.boolean({
      helpGroup: 'GLOBAL',
      description: 'Tell transitions and requests with their times, and stack traces.',
    }),
    'otel-console': Flags.boolean({
      helpGroup: 'GLOBAL',
      description: "Print OpenTelemetry's traces and metrics on stderr, as lines of JSON.",
    }),
    quiet: Flags.boolean({
      helpGroup: 'GLOBAL',
      char: 'q',
      description: 'Only errors on stderr, no tables.',
    }),
  }

  #quiet = false
  #debug = false
  #log: Logger | null = null
  #progress: Progress | null = null

  /** Resolves the settings and makes the logger. Call it first: it also decides what `print` does. */
  protected async begin(flags: GlobalFlags, more: FlagValues = {}): Promise<Session> {
    const { faults, ...resolved } = await this.collect(flags, more)
    if (faults[0] !== undefined) throw faults[0]
    const { settings, variables, openEnvFile, strangers } = resolved
    // Keys, proxies and what PostgreSQL's driver reads are looked up there.
    Object.assign(process.env, variables)
    const level: LogLevel = flags.quiet ? 'error' : flags.debug ? 'debug' : settings.logLevel
    const isWatched = process.stderr.isTTY === true
    const format = settings.logFormat === 'auto' ? (isWatched ? 'text' : 'json') : settings.logFormat
    let masked: ((text: string) => string) | null = null
    const log = createLogger(
      level,
      (own, message, paper) => {
        masked ??= secretsOf(process.env)
        const line = logLine(format, { level: own, message: masked(message), paper }, systemClock.now())
        this.#tell(format === 'text' ? wordsOn(process.stderr, line) : line)
      },
      (reason, until) => this.#progress?.waits(printable(reason), until) ?? (() => undefined),
    )
    this.#log = log
    if (openEnvFile !== null)
      log.warn(`others on this machine may read ${openEnvFile}: chmod 600 ${openEnvFile}`)
    for (const stranger of strangers) log.warn(stranger)
    await beginTelemetry((this.id ?? '').replaceAll(':', ' '), { onConsole: flags['otel-console'], log })
    return { settings, log, resolved }
  }

  /** Resolves the settings with all that is wrong with them; `begin` throws the first. */
  protected async collect(flags: GlobalFlags, more: FlagValues = {}): Promise<CollectedSettings> {
    this.#quiet = flags.quiet
    this.#debug = flags.debug
    const fromFlags: FlagValues = {
      databaseUrl: flags.db,
      corpusDb: flags.corpus,
      configDir: flags['config-dir'],
      dataDir: flags['data-dir'],
      logLevel: flags['log-level'],
      ...more,
    }
    return collectSettings(fromFlags, process.env, process.cwd())
  }

  /** Shows from now on how the work is getting on, as far as anybody watches. Call `begin` first. */
  protected async beginProgress(doing: string): Promise<Progress> {
    const { Progress } = await import('./progress.js')
    const screen = this.interactive ? process.stderr : null
    const tell = (line: string): void => this.#log?.info(line)
    this.#progress = new Progress(doing, { screen, clock: systemClock, tell })
    return this.#progress
  }

  /** Does the work of a command that changes something, and notes in the DB how it went; see `notedRun`. */
  protected async noted<R extends object>(database: NotedIn, work: () => Promise<R>): Promise<R> {
    const { notedRun } = await import('./note-run.js')
    return notedRun((this.id ?? '').replaceAll(':', ' '), database, this.#log, work)
  }

  /** Lines of the log stand above the one of the progress. */
  #tell(text: string): void {
    if (this.#progress?.above(text) !== true) process.stderr.write(text)
  }

  /** Says on stderr, also with --quiet, what came to no good: that is for people, as an error is, whatever the log looks like. */
  protected complain(text: string): void {
    this.#tell(wordsOn(process.stderr, printable(`rpa: ${secretsOf(process.env)(text)}\n`)))
  }

  /** Writes words for people to stdout, which fit a terminal; nothing with --json or --quiet. */
  protected print(text: string): void {
    this.printDocument(wordsOn(process.stdout, withoutControls(text)))
  }

  /** Writes what is a document by itself, byte for byte; nothing with --json or --quiet. */
  protected printDocument(text: string): void {
    if (this.jsonEnabled() || this.#quiet) return
    // The colour library does not know NO_COLOR (https://no-color.org).
    this.log(process.env['NO_COLOR'] ? stripVTControlCharacters(text) : text)
  }

  /** Says which executions DB was looked at; the last line of what a command prints that changes nothing. */
  protected printDatabase(path: string): void {
    this.print(`database: ${path}`)
  }

  /** Whether progress may be drawn: a person is watching stderr. */
  protected get interactive(): boolean {
    return (
      process.stderr.isTTY === true &&
      !this.jsonEnabled() &&
      !this.#quiet &&
      !process.env['NO_COLOR'] &&
      !process.env['CI'] &&
      process.env['TERM'] !== 'dumb'
    )
  }

  protected override async catch(error: Error): Promise<void> {
    this.#progress?.end()
    const document = errorDocument(error, this.id?.replaceAll(':', ' '))
    process.exitCode = exitCodeOf(error)
    if (this.jsonEnabled()) this.logJson({ error: document })
    else process.stderr.write(wordsOn(process.stderr, errorLines(document)))
    if (this.#debug || this.argv.includes('--debug')) process.stderr.write(`${inspect(error)}\n`)
  }
}
