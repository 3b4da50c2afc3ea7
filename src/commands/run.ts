import { DEFAULT_BURST_WINDOW_MS, phaseFlags, reserveFlags, runFlags } from '../cli/flags.js'
import { PhaseCommand } from '../cli/phase-command.js'
import { BEGUN, forPhases } from '../core/phases.js'

const DEFAULT_POLL_MS = 5000
/** More often would cost more than it could bring. */
const LEAST_POLL_MS = 100

export default class Run extends PhaseCommand {
  static override summary = 'Work on all phases at once, best work first, until all is done.'
  static override description = `Every free worker takes the best work there is at that moment: interrupted papers, then ${BEGUN.join(', ')}. Prep keeps a few papers ahead of the analysis; it gets more while the expensive model is away, and what is left of the day's requests before midnight UTC. A phase whose model is away rests and comes back by itself. Ends when all is done, or when the day's requests are spent (exit 75); with --daemon never.`
  static override examples = [
    '<%= config.bin %> run',
    '<%= config.bin %> run --seed --limit 20',
    '<%= config.bin %> run --daemon --seed --workers 4',
    '<%= config.bin %> run --id 2401.01234 --seed',
  ]
  static override flags = { ...phaseFlags, ...reserveFlags, ...runFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Run)
    const [{ runAll }, { runProgress, renderRun }] = await Promise.all([
      import('../pipeline/run-all.js'),
      import('../cli/render/run.js'),
    ])
    return this.runWork(
      flags,
      (resources, options, progress) =>
        runAll(resources, {
          ...options,
          onDone: () => undefined,
          caps: forPhases((name) => flags[`max-${name}`]),
          daemon: flags.daemon,
          prepOnly: flags['prep-only'],
          resumeOnly: flags['resume-only'],
          seed: flags.seed,
          pipeline: flags.pipeline,
          pollMs: Math.max(LEAST_POLL_MS, flags.poll ?? DEFAULT_POLL_MS),
          lowWater: flags['low-water'],
          windowMs: flags['burst-window'] ?? DEFAULT_BURST_WINDOW_MS,
          onProgress: (state) => progress.update(runProgress(state)),
        }),
      renderRun,
    )
  }
}
