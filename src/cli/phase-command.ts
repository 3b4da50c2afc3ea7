import { EXIT } from '../core/errors.js'
import type { PhaseName } from '../db/schema.js'
import type { PhaseResult } from '../pipeline/result.js'
import type { GlobalFlags, Session } from './base-command.js'
import { BaseCommand } from './base-command.js'
import { phaseFlags } from './flags.js'
import { stopOnSignals } from './signals.js'

interface PhaseFlagValues extends GlobalFlags {
  limit: number | undefined
  workers: number
  id: string[] | undefined
  'max-time': number | undefined
  'dry-run': boolean
  strict: boolean
  profile: string | undefined
}

/** `prep`, `analyze` and `wrap` differ in their words only. */
export abstract class PhaseCommand extends BaseCommand {
  static override flags = phaseFlags

  protected async runPhase(name: PhaseName, flags: PhaseFlagValues): Promise<PhaseResult> {
    const session = await this.begin(flags, { profile: flags.profile })
    const result = await this.#execute(name, flags, session)
    const { renderPhase } = await import('./render-phase.js')
    this.print(renderPhase(result, flags['dry-run']))
    return result
  }

  async #execute(name: PhaseName, flags: PhaseFlagValues, { settings, log }: Session): Promise<PhaseResult> {
    const [{ openResources }, { runPhase }, { PHASES }, { progressLine }] = await Promise.all([
      import('../pipeline/resources.js'),
      import('../pipeline/run-phase.js'),
      import('../pipeline/phases.js'),
      import('./progress.js'),
    ])
    const resources = await openResources(settings, log, { workers: flags.workers })
    const stop = stopOnSignals(log)
    const progress = progressLine(this.interactive)
    try {
      const result = await runPhase(resources, PHASES[name], {
        limit: flags.limit,
        workers: flags.workers,
        ids: flags.id ?? [],
        maxTimeMs: flags['max-time'],
        dryRun: flags['dry-run'],
        stop: stop.signal,
        onDone: (done, soFar) => {
          progress.update(`${name}: ${soFar.succeeded} done, ${soFar.failed} failed, ${soFar.released} put back`)
          const { arxiv_id: id, error, error_class: errorClass } = done.result
          if (done.outcome !== 'succeeded') log.debug(`${id}: ${errorClass}: ${error}`)
        },
      })
      process.exitCode = stop.exitCode() ?? exitCode(result, flags.strict)
      return result
    } finally {
      progress.end()
      stop.dispose()
      await resources.close()
    }
  }
}

function exitCode(result: PhaseResult, strict: boolean): number {
  if (result.stopped !== null) return EXIT.tempfail
  return strict && result.failed > 0 ? EXIT.failure : EXIT.ok
}
