import { momentText } from '../../core/clock.js'
import chalk from 'chalk'
import { PHASE_NAMES } from '../../core/phases.js'
import { waitWords } from '../../pipeline/failures/wait-words.js'
import type { BurstReport } from '../../pipeline/burst.js'
import type { PhaseResult } from '../../pipeline/result.js'
import type { RunPlan, RunProgress, RunResult } from '../../pipeline/run-all.js'
import { countsBesideDone, details, nothing, renderPhase } from './phase.js'
import type { ProgressState } from './progress.js'
import { counted } from '../layout/counted.js'

/** Returns how a run is getting on. */
export function runProgress({ steps, phases, rests, waits }: RunProgress): ProgressState {
  const failed = PHASE_NAMES.reduce((sum, name) => sum + phases[name].failed, 0)
  return {
    doing: 'run',
    ...steps,
    unit: 'steps',
    more: [
      ...(failed > 0 ? [`${failed} failed`] : []),
      PHASE_NAMES.map((name) => `${name} ${phases[name].succeeded}`).join(', '),
    ],
    rests: [
      ...rests.map(({ phase, until, reason }) => ({
        reason: `${phase} rests: ${reason}`,
        until: until === null ? null : Date.parse(until),
      })),
      ...waits.map(({ papers, until, error_class: name }) => ({
        reason: `${counted(papers, 'paper')} put back: ${waitWords(name)}`,
        until: Date.parse(until),
      })),
    ],
  }
}

/** Returns what a person reads after `run`. */
export function renderRun(result: RunResult, dryRun: boolean): string {
  if (dryRun) return renderPlan(result)
  const done = PHASE_NAMES.map((name) => `${name} ${chalk.green(String(result.phases[name].succeeded))}`)
  const seeded =
    result.seeded === undefined ? [] : [`${counted(result.seeded, 'paper')} chosen from the corpus`]
  const did = result.claimed === 0 ? nothing(result) : [...done, ...countsBesideDone(result)].join(', ')
  return [...seeded, `${chalk.bold('run')}: ${did}`, ...details(result)].join('\n')
}

function renderPlan(result: RunResult): string {
  const lines = [renderPhase(result, true)]
  const { plan } = result
  if (plan === undefined) return lines.join('\n')
  for (const name of PHASE_NAMES) {
    const phase = plan.phases[name]
    if (phase === undefined) continue
    const rests =
      phase.rests === null
        ? null
        : `rests until ${phase.rests.until === null ? 'further notice' : momentText(phase.rests.until)}: ${phase.rests.reason}`
    lines.push(`${name}: ${rests ?? (phase.ready ? 'ready' : 'no paper')}`)
  }
  return [...lines, aheadLine(plan)].join('\n')
}

function aheadLine({ buffer, low_water, in_window, window_opens_at }: RunPlan): string {
  const window = in_window
    ? 'the end of the day has begun'
    : `the end of the day begins at ${momentText(window_opens_at)}`
  return `${buffer} of ${low_water} papers are prepped ahead; ${window}`
}

/** Returns what a person reads after `prep --burst`: what was decided, and why. */
export function renderBurst(result: PhaseResult & { burst: BurstReport }, dryRun: boolean): string {
  const { acted, reason } = result.burst
  const decision = `${chalk.bold('burst')}: ${acted ? 'began' : 'did nothing'}, ${reason}`
  return acted || (dryRun && result.executions.length > 0)
    ? `${decision}\n${renderPhase(result, dryRun)}`
    : decision
}
