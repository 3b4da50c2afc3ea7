import { isoTime } from '../../core/clock.js'
import { storable } from '../../core/storable.js'
import type { Db } from '../engine/prepared.js'
import { preparedWrite } from '../engine/prepared.js'
import type { JudgementsTable } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'

/** What a model answered, and which it was. */
export type Judgement = Pick<JudgementsTable, 'answer' | 'model'>

/** Far more than the lines that are asked for. */
const LONGEST_ANSWER = 100_000
/** Keys looked up at once. */
const PAGE = 500

const insert = preparedWrite<JudgementsTable>((db, p) =>
  db
    .insertInto('judgements')
    .values({ question_hash: p.question_hash, answer: p.answer, model: p.model, created_at: p.created_at })
    .onConflict((conflict) => conflict.column('question_hash').doNothing()),
)

/**
 * Keeps an answer, as steps of the transaction that settles its request; the first one to a question stays.
 *
 * @param now epoch milliseconds.
 */
export function* keepJudgement(questionHash: string, { answer, model }: Judgement, now: number): Steps<void> {
  yield* insert.unread({
    question_hash: questionHash,
    answer: storable(answer.slice(0, LONGEST_ANSWER)),
    model: storable(model),
    created_at: isoTime(now),
  })
}

/** Returns the answers that are kept: hash of the question → answer. */
export async function keptJudgements(db: Db, hashes: readonly string[]): Promise<Map<string, Judgement>> {
  const kept = new Map<string, Judgement>()
  for (let from = 0; from < hashes.length; from += PAGE) {
    const rows = await db
      .selectFrom('judgements')
      .select(['question_hash', 'answer', 'model'])
      .where('question_hash', 'in', hashes.slice(from, from + PAGE))
      .execute()
    for (const { question_hash: hash, ...judgement } of rows) kept.set(hash, judgement)
  }
  return kept
}
