import { describe, expect, it } from 'vitest'
import type { ModelReply } from '../../support/model-server.js'
import { phaseBench } from '../../support/phase-bench.js'
import type { PhaseBench } from '../../support/phase-bench.js'
import * as says from '../../support/refusals.js'

const HOUR = 3_600_000
const CUT: ModelReply = { finishReason: 'length', content: 'The method wor' }
const WITHHELD: ModelReply = { finishReason: 'content_filter', content: 'The' }

const byStatus = (bench: PhaseBench) =>
  bench.query('select status, count(*) as n from executions group by status order by status')

describe('papers that fail alike, one after the other', () => {
  it.each([
    ['moderated', says.MODERATED, 1],
    ['truncated_answer', CUT, 2],
    ['filtered_answer', WITHHELD, 1],
    ['context_too_small', says.TOO_LONG, 1],
  ] as [string, ModelReply, number][])('%s: go back, and the command ends', async (name, reply, each) => {
    const bench = await phaseBench({ papers: 8 })
    bench.server.rule(() => reply)
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0, released: 5 } })
    expect(end.result?.reason).toMatch(new RegExp(`^5 papers in a row failed alike in analyze \\(${name}\\)`))
    expect(end.result?.reason).toContain('rpa analyze --now')
    expect(end.result?.executions.map(({ status }) => status)).toEqual(Array(5).fill('prepped'))
    expect(bench.server.count).toBe(5 * each)
    expect(byStatus(bench)).toEqual([{ status: 'prepped', n: 8 }])

    // The next command knows; an hour later one other paper finds out, and when it is mended all go on.
    expect(await bench.run({ workers: 3 })).toMatchObject({ exit: 75, result: { claimed: 0 } })
    expect(await bench.run({ laterMs: HOUR + 60_000 })).toMatchObject({ exit: 75, result: { claimed: 1 } })
    expect(bench.server.count).toBe(6 * each)
    bench.server.rule(() => ({}))
    expect(await bench.run({ laterMs: 2 * HOUR + 120_000 })).toMatchObject({
      exit: 0,
      result: { succeeded: 2 },
    })
    expect(await bench.run({ laterMs: 26 * HOUR })).toMatchObject({ exit: 0, result: { succeeded: 6 } })
  })

  it('end with 75 also where no other paper is left', async () => {
    const bench = await phaseBench({ papers: 5 })
    bench.server.rule(() => says.MODERATED)
    const end = await bench.run({ workers: 2 })
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0, released: 5 } })
    expect(end.result?.reason).toContain('violence')
  })

  it.each([2, 3, 4])(
    'are put back at the end, too, where all %i that there were failed alike',
    async (papers) => {
      const bench = await phaseBench({ papers })
      bench.server.rule(() => says.MODERATED)
      const end = await bench.run({ workers: 2 })
      expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0, released: papers } })
      expect(end.result?.reason).toContain('violence')
      expect(byStatus(bench)).toEqual([{ status: 'prepped', n: papers }])

      // Few as they are, they keep no other paper from its turn.
      expect(await bench.run()).toMatchObject({ exit: 0, result: { claimed: 0 } })
      bench.server.rule(() => ({}))
      expect(await bench.run({ laterMs: 25 * HOUR })).toMatchObject({
        exit: 0,
        result: { succeeded: papers },
      })
    },
  )

  it('are told from papers that fail for themselves: one alone, and those that fail for several causes', async () => {
    const alone = await phaseBench({ papers: 1 })
    alone.server.rule(() => says.MODERATED)
    expect(await alone.run()).toMatchObject({ exit: 0, result: { stopped: null, failed: 1 } })

    const mixed = await phaseBench({ papers: 4 })
    mixed.server.rule(({ number }) => (number <= 2 ? says.MODERATED : WITHHELD))
    expect(await mixed.run()).toMatchObject({ exit: 0, result: { stopped: null, failed: 4 } })
  })

  it('fail for themselves where others are done between them', async () => {
    const bench = await phaseBench({ papers: 12 })
    bench.server.rule(({ number }) => (number % 5 === 0 ? {} : says.MODERATED))
    expect(await bench.run()).toMatchObject({ exit: 0, result: { stopped: null, succeeded: 2, failed: 10 } })
  })

  it('fail for good once their tries are used: they keep no other from its turn for ever', async () => {
    const bench = await phaseBench({ papers: 5, env: { RPA_MAX_ATTEMPTS: '2' } })
    bench.server.rule(() => says.MODERATED)
    expect(await bench.run()).toMatchObject({ exit: 75, result: { released: 5 } })
    expect(await bench.run({ laterMs: 25 * HOUR })).toMatchObject({ exit: 0, result: { failed: 5 } })
    expect(byStatus(bench)).toEqual([{ status: 'failed', n: 5 }])
  })
})

describe('an answer that is asked for too long', () => {
  it('is refused once: the other questions to the model are asked within what it takes', async () => {
    const text = ['Abstract', '1 Introduction', '2 Method', '3 Results', '4 Conclusion', 'A Appendix']
      .map((title) => `## ${title}\n\n${'A model was asked, and its answer was kept. '.repeat(60)}`)
      .join('\n\n')
    const bench = await phaseBench({ papers: 4, text, profiles: { expensive: { max_tokens: 12_000 } } })
    bench.server.rule(({ body }) =>
      (body.max_tokens ?? 0) > 8192 ? says.answerTooLong(8192, body.max_tokens ?? 0) : undefined,
    )
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 4 } })
    expect(bench.server.calls.map(({ body }) => body.max_tokens)).toEqual([12_000, 3276, 3276, 3276, 3276])
  })
})
