import { expect, it } from 'vitest'
import { keepJudgement, keptJudgements } from '../../../src/db/calls/judgements.js'
import { inTransaction, perform, transact } from '../../../src/db/engine/steps.js'
import { NOON, openTestDatabase } from '../../support/database.js'

it('an answer is kept once, whatever stands in it, and found among many', async () => {
  const { db } = await openTestDatabase()
  await transact(db, () => keepJudgement('a', { answer: 'first \0 \ud800', model: 'm' }, NOON))
  await transact(db, () => keepJudgement('a', { answer: 'second', model: 'n' }, NOON))
  await transact(db, () => keepJudgement('b', { answer: 'x'.repeat(300_000), model: 'm' }, NOON))
  const many = Array.from({ length: 1200 }, (_, n) => `none-${n}`)
  const kept = await keptJudgements(db, [...many, 'a', 'b'])
  expect([...kept.keys()].sort()).toEqual(['a', 'b'])
  expect(kept.get('a')).toEqual({ answer: 'first \ufffd \ufffd', model: 'm' })
  expect(kept.get('b')?.answer).toHaveLength(100_000)
  expect(await keptJudgements(db, [])).toEqual(new Map())
})

it('nothing is kept where the transaction is not committed', async () => {
  const { db } = await openTestDatabase()
  const failing = inTransaction(db, async (trx) => {
    await perform(trx, keepJudgement('a', { answer: 'x', model: 'm' }, NOON))
    throw new Error('no commit')
  })
  await expect(failing).rejects.toThrow('no commit')
  expect(await keptJudgements(db, ['a'])).toEqual(new Map())
})
