import { RpaError } from '../../core/errors.js'
import type { Logger } from '../../core/logging.js'
import type { Judgement } from '../../db/calls/judgements.js'
import type { Db } from '../../db/engine/prepared.js'
import {
  judgedPair,
  meanOf,
  pairedMeasures,
  positionOf,
  verdictOfSides,
} from '../../report/judging/judged-pairs.js'
import type {
  JudgedPair,
  JudgePosition,
  OrderVerdict,
  PairedMeasure,
  Side,
} from '../../report/judging/judged-pairs.js'
import { readVerdict } from '../../report/judging/read-verdict.js'
import type { Asked, JudgeStop } from './ask.js'
import type { Judge, PairToJudge, Question } from './plan.js'
import { answersTo, questionsAbout } from './plan.js'

export interface JudgingServices {
  /** Null where there is none: then nothing is kept. */
  db: Db | null
  judge: Judge
  log: Logger
  /** Asks what is lacking; null: nothing is asked. */
  ask: ((questions: readonly Question[]) => Promise<Asked>) | null
}

/** One order of a paper without a verdict. */
export interface NotJudged {
  arxiv_id: string
  first: Side
  /** `judgement_unreadable`, the class of a failure, or `not_asked`. */
  code: string
  message: string
}

/** What a judge said of pairs of reports. */
export interface JudgeResult {
  /** Papers that are judged in both orders, and those that are not. */
  judged: number
  not_judged: number
  /** Of those judged. */
  preferred: Record<JudgedPair['preferred'], number>
  position: JudgePosition
  /** Of the verdicts that say it; null: none does. */
  mean_certainty: number | null
  /** Model → verdicts. */
  models: Record<string, number>
  /** Requests that were sent now; with `dry_run` that would be. */
  requests: number
  /** Answers of earlier runs that were used. */
  kept: number
  stopped: Omit<JudgeStop, 'exit'> | null
  papers: JudgedPair[]
  lacking: NotJudged[]
}

export interface Judging {
  result: JudgeResult
  measures: PairedMeasure[]
  /** Of the command; null where nothing stopped it. */
  exit: number | null
}

/** Has pairs judged in both orders, as far as there is no answer yet, and tells what came of it. */
export async function judgePairs(services: JudgingServices, pairs: readonly PairToJudge[]): Promise<Judging> {
  const { db, judge, log, ask } = services
  const questions = await questionsAbout(judge, pairs)
  const before = await answersTo(db, questions)
  const lacking = questions.filter(({ hash }) => !before.has(hash))
  const toAsk = new Set(lacking.map(({ hash }) => hash)).size
  log.info(
    `judge: ${pairs.length} papers in two orders, ${questions.length - lacking.length} of ${questions.length} answers are there, ${ask === null ? 'it would take' : 'it takes'} ${toAsk} requests`,
  )
  const asked = (await ask?.(lacking)) ?? { requests: toAsk, failed: new Map(), stopped: null }
  const answers = toAsk > 0 && ask !== null ? await answersTo(db, questions) : before
  const verdicts = questions.map((question) => verdictOf(question, answers.get(question.hash), asked))
  const papers = pairs.flatMap((pair) => {
    const orders = verdicts.flatMap(({ question, verdict }) =>
      question.pair === pair && verdict !== null ? [verdict] : [],
    )
    return orders.length === 2 ? [judgedPair(pair.arxiv_id, orders)] : []
  })
  const missing = verdicts.flatMap(({ fault }) => fault ?? [])
  tell(log, asked, missing)
  const { exit = null, ...stopped } = asked.stopped ?? {}
  return {
    measures: pairedMeasures(papers),
    exit,
    result: {
      judged: papers.length,
      not_judged: pairs.length - papers.length,
      preferred: { ours: 0, baseline: 0, split: 0, ...countsOf(papers.map(({ preferred }) => preferred)) },
      position: positionOf(papers),
      mean_certainty: certaintyOf(papers),
      models: countsOf(papers.flatMap(({ orders }) => orders.map(({ model }) => model))),
      requests: asked.requests,
      kept: questions.length - lacking.length,
      stopped: asked.stopped === null ? null : (stopped as JudgeResult['stopped']),
      papers,
      lacking: missing,
    },
  }
}

interface Told {
  question: Question
  verdict: OrderVerdict | null
  fault: NotJudged | null
}

function verdictOf(question: Question, answer: Judgement | undefined, { failed }: Asked): Told {
  const { pair, first, hash } = question
  const fault = (code: string, message: string): Told => ({
    question,
    verdict: null,
    fault: { arxiv_id: pair.arxiv_id, first, code, message },
  })
  if (answer === undefined) {
    const { code, message } = failed.get(hash) ?? { code: 'not_asked', message: 'It was not asked.' }
    return fault(code, message)
  }
  try {
    return { question, fault: null, verdict: verdictOfSides(readVerdict(answer.answer), first, answer.model) }
  } catch (error) {
    if (error instanceof RpaError) return fault(error.code, error.message)
    throw error
  }
}

/** One line a question that failed, one for all that are not asked. */
function tell(log: Logger, { stopped }: Asked, lacking: readonly NotJudged[]): void {
  const open = lacking.filter(({ code }) => code === 'not_asked').length
  for (const { arxiv_id: id, first, code, message } of lacking)
    if (code !== 'not_asked')
      log.about(id).warn(`not judged with ${first === 'ours' ? 'these' : 'the baseline'} first: ${message}`)
  if (stopped === null) return
  const hint = stopped.hint === null ? '' : ` ${stopped.hint}`
  log.warn(
    `judging stopped: ${stopped.message.replace(/[.\s]+$/, '')}. ${open} questions are not asked; the next run asks them alone.${hint}`,
  )
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function certaintyOf(papers: readonly JudgedPair[]): number | null {
  const all = papers.flatMap(({ orders }) => orders.flatMap(({ certainty }) => certainty ?? []))
  return all.length === 0 ? null : Math.round(meanOf(all) * 1000) / 1000
}
