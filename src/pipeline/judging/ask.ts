import { random } from '../../core/chance.js'
import { isoTime } from '../../core/clock.js'
import { EXIT } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import { keepJudgement } from '../../db/calls/judgements.js'
import { loadLimits } from '../config/load-limits.js'
import { judge as judgeFailure, type Verdict } from '../failures/judge.js'
import type { Resources } from '../resources/resources.js'
import type { ByHand, ByHandSignals } from '../run-by-hand.js'
import { openByHand } from '../run-by-hand.js'
import type { Judge, PairToJudge, Question } from './plan.js'
import { inputOf } from './plan.js'

/** Papers that are judged at the same time; the two questions of one come one after the other. */
const LANES = 4

/** Why nothing more is asked. */
export interface JudgeStop {
  /** As of phases; else the class of what is wrong. */
  reason: string
  message: string
  hint: string | null
  /** When it may go on; null: nobody knows. */
  retry_at: string | null
  exit: number
}

export interface Asked {
  /** Requests sent. */
  requests: number
  /** Why questions got no answer: hash → class and words. */
  failed: Map<string, { code: string; message: string }>
  stopped: JudgeStop | null
}

/**
 * Asks a judge; each answer is kept in the transaction that settles its request. What fails for a question alone leaves it
 * without an answer; what concerns all of them ends the asking.
 *
 * @param onAnswer is told how many are answered.
 * @throws ConfigError where limits are wrong or a key is refused; what keeping a lease throws.
 */
export async function askJudge(
  resources: Resources,
  judge: Judge,
  questions: readonly Question[],
  signals: ByHandSignals,
  onAnswer: (answered: number) => void,
): Promise<Asked> {
  const asked: Asked = { requests: 0, failed: new Map(), stopped: null }
  if (questions.length === 0) return asked
  const hands = await openByHand(resources, judge.machine, judge.profiles, signals)
  const failed = (thrown: unknown): Verdict =>
    judgeFailure(thrown, {
      now: resources.clock.now(),
      limits: loadLimits(resources.config),
      attempt: 1,
      maxAttempts: resources.settings.maxAttempts,
      failures: 1,
      random,
    })
  let answered = 0
  const waiting = byPair(questions)
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (signals.stopTaking.aborted) asked.stopped ??= STOPPED
      if (asked.stopped !== null) return
      await askBoth(
        resources,
        hands,
        next,
        (question, thrown) => {
          if (thrown === null) return onAnswer((answered += 1))
          const verdict = failed(thrown)
          const stop = stopOf(verdict)
          if (stop === null)
            asked.failed.set(question.hash, { code: verdict.errorClass, message: verdict.message })
          else asked.stopped ??= stop
        },
        () => asked.stopped !== null,
      )
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return { ...asked, requests: hands.sent() }
}

const STOPPED: JudgeStop = {
  reason: 'signal',
  message: 'a signal came',
  hint: null,
  retry_at: null,
  exit: EXIT.tempfail,
}

/** The same question about two papers of a set is one. */
function byPair(questions: readonly Question[]): Question[][] {
  const once = new Map(questions.map((question) => [question.hash, question]))
  const pairs = new Map<PairToJudge, Question[]>()
  for (const question of once.values())
    pairs.set(question.pair, [...(pairs.get(question.pair) ?? []), question])
  return [...pairs.values()]
}

/** @param told what became of each question; null: it is answered. */
async function askBoth(
  { clock }: Resources,
  hands: ByHand,
  questions: readonly Question[],
  told: (question: Question, thrown: unknown) => void,
  isStopped: () => boolean,
): Promise<void> {
  const text = (await questions[0]?.pair.paperText()) ?? null
  await hands.hold(async (run) => {
    for (const question of questions) {
      if (isStopped()) return
      const keep = (output: JsonObject): ReturnType<typeof keepJudgement> => {
        const { content, model } = output as { content: string; model: string }
        return keepJudgement(question.hash, { answer: content, model }, clock.now())
      }
      const thrown = await run(inputOf(question, text), keep).then(
        () => null,
        (error: unknown) => error,
      )
      told(question, thrown)
    }
  })
}

/** Null where only this question is left without an answer. */
function stopOf({ stop, fatal, message, hint, retryAt }: Verdict): JudgeStop | null {
  if (stop === null && fatal === null) return null
  return {
    reason: stop ?? fatal?.code ?? 'internal',
    message: fatal?.message ?? message,
    hint: fatal?.hint ?? hint,
    retry_at: retryAt === null ? null : isoTime(retryAt),
    exit: fatal?.exitCode ?? EXIT.tempfail,
  }
}
