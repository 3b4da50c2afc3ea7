import { utcDay } from '../core/clock.js'
import { EXIT } from '../core/errors.js'
import { telemetry } from '../core/telemetry.js'
import type { PhaseName } from '../db/engine/schema.js'
import type { PhaseResult } from '../pipeline/result.js'
import type { Resources } from '../pipeline/resources/resources.js'
import type { PhaseOptions } from '../pipeline/run-phase.js'
import type { GlobalFlags } from './base-command.js'
import { BaseCommand } from './base-command.js'
import { phaseFlags } from './flags.js'
import { readIds } from './ids.js'
import type { Progress } from './progress.js'
import { stopOnSignals } from './signals.js'

export interface PhaseFlagValues extends GlobalFlags {
  limit: number | undefined
  workers: number
  id: string[] | undefined
  now: boolean
  'max-time': number | undefined
  'dry-run': boolean
  'no-reserve'?: boolean
  strict: boolean
  profile: string | undefined
}

/** After --max-time requests in flight are waited for no longer than this, seconds: it bounds the command. */
const LONGEST_DRAIN_S = 30

type Run<R> = (resources: Resources, options: PhaseOptions, progress: Progress) => Promise<R>
type Render<R> = (result: R, dryRun: boolean) => string

/** What works on papers: `prep`, `analyze`, `wrap` differ in their words only, `resume` in what it takes. */
export abstract class PhaseCommand extends BaseCommand {
  static override flags = phaseFlags

  protected async runPhase(name: PhaseName, flags: PhaseFlagValues): Promise<PhaseResult> {
    const [{ runPhase }, { PHASES }] = await Promise.all([
      import('../pipeline/run-phase.js'),
      import('../core/phases.js'),
    ])
    return this.runWork(flags, (resources, options) => runPhase(resources, PHASES[name], options))
  }

  /** @param render what a person reads afterwards; by default what is said of a phase. */
  protected async runWork<R extends PhaseResult>(
    flags: PhaseFlagValues,
    run: Run<R>,
    render?: Render<R>,
  ): Promise<R> {
    const { settings, log } = await this.begin(flags, { profile: flags.profile })
    const ids = await readIds(flags.id ?? [])
    const [{ openResources }, { failedLine, renderPhase, phaseProgress }] = await Promise.all([
      import('../pipeline/resources/resources.js'),
      import('./render/phase.js'),
    ])
    const progress = await this.beginProgress(this.id ?? 'work')
    const resources = await openResources(settings, log, {
      workers: flags.workers,
      reading: flags['dry-run'],
    })
    const signals = stopOnSignals({
      log,
      limitMs: settings.drainTimeout * 1000,
      inFlight: resources.inFlight,
    })
    const endWatch = telemetry().watch('rpa.budget.remaining', async () => {
      const { remainingRequests } = await import('../pipeline/overview/budget-report.js')
      const now = resources.clock.now()
      return remainingRequests(resources.db, settings, utcDay(now), now)
    })
    let total: number | null = null
    const show = (soFar?: PhaseResult): void =>
      progress.update(phaseProgress(this.id ?? 'work', soFar ?? null, total))
    try {
      const options: PhaseOptions = {
        limit: flags.limit,
        workers: flags.workers,
        ids,
        now: flags.now,
        maxTimeMs: flags['max-time'],
        dryRun: flags['dry-run'],
        noReserve: flags['no-reserve'] ?? false,
        drainMs: Math.min(settings.drainTimeout, LONGEST_DRAIN_S) * 1000,
        stopTaking: signals.stopTaking,
        abortInFlight: signals.abortInFlight,
        onTotal: (papers) => {
          total = papers
          show()
        },
        onDone: (_, soFar) => show(soFar),
      }
      const work = async (): Promise<R> => {
        const result = await run(resources, options, progress)
        process.exitCode = signals.exitCode() ?? exitCode(result, flags.strict)
        return result
      }
      const result = await (flags['dry-run'] ? work() : this.noted(resources, work))
      progress.end()
      this.print((render ?? renderPhase)(result, flags['dry-run']))
      if (flags.strict && flags.quiet && result.failed > 0) this.complain(failedLine(result))
      if (!flags['dry-run']) return result
      this.printDatabase(resources.place)
      return { ...result, database: resources.place }
    } finally {
      progress.end()
      signals.dispose()
      await endWatch()
      await resources.close()
    }
  }
}

function exitCode(result: PhaseResult, strict: boolean): number {
  if (result.stopped !== null) return EXIT.tempfail
  return strict && result.failed > 0 ? EXIT.failure : EXIT.ok
}
