import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { RpaError, UsageError } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import type { StatusReport } from '../pipeline/overview/status-report.js'

const REDRAW_MS = 2000

export default class Status extends BaseCommand {
  static override summary =
    'Show how many papers are where, what runs, what is stuck, what is waited for, how fast it goes, and why papers failed.'
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch',
    '<%= config.bin %> status --json',
  ]
  static override flags = {
    watch: Flags.boolean({
      exclusive: ['json'],
      description: 'Show it on the whole terminal, always as it is now, until q is pressed.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status)
    const { settings } = await this.begin(flags)
    if (flags.watch) return this.#watch(settings)
    const { report, place } = await read(settings)
    if (!this.jsonEnabled()) this.print((await import('../cli/render/status.js')).renderStatus(report))
    this.printDatabase(place)
    return { database: place, ...report }
  }

  async #watch(settings: Settings): Promise<void> {
    const { stdin, stdout } = process
    if (!stdout.isTTY) {
      throw new UsageError('no_terminal', '--watch needs a terminal to draw on.', {
        hint: 'Without it, `rpa status` shows the same once.',
      })
    }
    const [{ showLive, troubleFrame }, { renderStatus }, { stopOnSignals }] = await Promise.all([
      import('../cli/live-screen.js'),
      import('../cli/render/status.js'),
      import('../cli/signals.js'),
    ])
    // What goes wrong now may be over at the next look.
    const frame = async (): Promise<string> => {
      try {
        const { report } = await read(settings)
        return `${report.now.slice(0, 19).replace('T', ' ')} UTC\n${renderStatus(report)}`
      } catch (error) {
        if (error instanceof RpaError) return troubleFrame(error.message, error.hint)
        throw error
      }
    }
    // The first look says, as any command does, what is wrong with the settings or the DB.
    await read(settings)
    const signals = stopOnSignals({ log: SILENT, limitMs: 0, inFlight: new Map() })
    try {
      const terminal = { input: stdin.isTTY ? stdin : null, output: stdout }
      const title = 'rpa status · q ends'
      const { interrupted } = await showLive(terminal, {
        frame,
        everyMs: REDRAW_MS,
        title,
        stop: signals.stopTaking,
      })
      process.exitCode = signals.exitCode() ?? (interrupted ? INTERRUPTED : 0)
    } finally {
      signals.dispose()
    }
  }
}

/** As after SIGINT, which a terminal in raw mode does not send. */
const INTERRUPTED = 130
const SILENT = { warn: () => undefined }

async function read(settings: Settings): Promise<{ report: StatusReport; place: string }> {
  const [{ openForReading }, { statusReport }] = await Promise.all([
    import('../db/engine/open.js'),
    import('../pipeline/overview/status-report.js'),
  ])
  const database = await openForReading(settings.databaseUrl)
  try {
    return { report: await statusReport(database.db, settings, database.clock.now()), place: database.place }
  } finally {
    await database.close()
  }
}
