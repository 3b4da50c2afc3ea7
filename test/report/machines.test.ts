import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/core/clock.js'
import type { JsonObject } from '../../src/core/json.js'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { loadMachine } from '../../src/machines/files/load.js'
import { runMachine } from '../../src/machines/machine.js'
import type { Action, AgentCall, MachineResult } from '../../src/machines/types.js'
import { collectSections } from '../../src/report/sections/collect.js'
import { findIncomplete } from '../../src/report/sections/completeness.js'
import { ANSWERS, PAPER_TEXT } from './answers.js'

type Answers = Record<string, string>

/** Completeness as the pipeline's own step does it; saving only names a path. */
const ACTIONS: Record<string, Action> = {
  fetch_pdf: async ({ context }) => ({ ...context, pdf: { path: 'paper.pdf' } }),
  extract_text: async ({ context }) => ({
    ...context,
    paper_text: PAPER_TEXT,
    paper: { pages: 8 },
    reference_count: 3,
  }),
  corpus_signals: async ({ context }) => ({
    ...context,
    corpus_signals: { neighbors_used: 0 },
    corpus_neighbors: [],
  }),
  assemble_report: async ({ context }) => {
    const { sections } = collectSections(context, [
      text(context['earlier_repair_text']),
      text(context['repair_text']),
    ])
    const incomplete = findIncomplete(sections).map((found) => found.heading)
    return { ...context, incomplete, incomplete_count: incomplete.length, report_body: 'body' }
  },
  save_report: async ({ context }) => ({ ...context, report_path: 'report.md' }),
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

async function run(
  machine: string,
  input: JsonObject,
  answers: Answers,
  cut: Record<string, string[]> = {},
): Promise<{ result: MachineResult; calls: AgentCall[] }> {
  const calls: AgentCall[] = []
  const result = await runMachine(
    loadMachine(fileURLToPath(new URL(`../../config/machines/${machine}.yml`, import.meta.url))),
    {
      executionId: 'e1',
      input,
      services: {
        backend: new MemoryCheckpointBackend(),
        actions: ACTIONS,
        clock: systemClock,
        sleep: async () => undefined,
        random: () => 0.5,
        warn: () => undefined,
        runAgent: async (call) => {
          calls.push(call)
          const content = answers[call.agent.name]
          if (content === undefined) throw new Error(`nothing to answer for ${call.agent.name}`)
          const text_cut = cut[call.agent.name]
          return {
            output: {
              content,
              model: `model-of-${call.agent.name}`,
              ...(text_cut === undefined ? {} : { text_cut }),
            },
            rateLimit: null,
            apiCalls: 1,
            costUsd: 0,
          }
        },
      },
    },
  )
  return { result, calls }
}

const PAPER = { arxiv_id: '2401.01234', title: 'T', authors: 'A', abstract: 'B', paper_text: PAPER_TEXT }
const { limits_confidence: LIMITS, ...BEFORE } = ANSWERS

describe('the machines of the pipeline', () => {
  it('prep: one request; the paper’s text goes to the model and into the output', async () => {
    const { result, calls } = await run('prep', PAPER, ANSWERS)
    expect(calls.map((call) => call.agent.name)).toEqual(['key_outcome'])
    expect(calls[0]?.user).toContain('each query is routed to 16 blocks')
    expect(result.output).toEqual({
      key_outcome: ANSWERS.key_outcome,
      paper_text: PAPER_TEXT,
      reference_count: 3,
      corpus_signals: { neighbors_used: 0 },
      corpus_neighbors: [],
      paper: { pages: 8 },
      models: { key_outcome: 'model-of-key_outcome' },
      text_cut: { key_outcome: null },
    })
  })

  it('analyze: three requests, each to its own writer', async () => {
    const { result, calls } = await run('analyze', { ...PAPER, corpus_neighbors: [] }, ANSWERS)
    expect(calls.map((call) => call.agent.name).sort()).toEqual([
      'open_questions',
      'reproduction_notes',
      'why_hypotheses',
    ])
    for (const call of calls) expect(call.user).toContain('each query is routed to 16 blocks')
    expect(result.output).toEqual({
      why_hypotheses: ANSWERS.why_hypotheses,
      reproduction_notes: ANSWERS.reproduction_notes,
      open_questions: ANSWERS.open_questions,
      whole_report: null,
      models: {
        why_hypotheses: 'model-of-why_hypotheses',
        reproduction_notes: 'model-of-reproduction_notes',
        open_questions: 'model-of-open_questions',
        whole_report: null,
      },
      text_cut: {
        why_hypotheses: null,
        reproduction_notes: null,
        open_questions: null,
        whole_report: null,
      },
    })
  })

  it('what was left out of the text for a model goes with its answer', async () => {
    const prep = await run('prep', PAPER, ANSWERS, { key_outcome: ['A Proofs'] })
    expect(prep.result.output).toMatchObject({ text_cut: { key_outcome: ['A Proofs'] } })
    const analyze = await run('analyze', PAPER, ANSWERS, { open_questions: ['B Data', 'A Proofs'] })
    expect(analyze.result.output).toMatchObject({
      text_cut: { why_hypotheses: null, open_questions: ['B Data', 'A Proofs'] },
    })
    const wrap = await run(
      'wrap',
      { ...PAPER, ...BEFORE, key_outcome: null, text_cut: { key_outcome: ['A Proofs'] } },
      { ...ANSWERS, repair: ANSWERS.key_outcome },
      { limits_confidence: ['C Code'], repair: ['D Data'] },
    )
    expect(wrap.result.context).toMatchObject({
      text_cut: { key_outcome: ['A Proofs'] },
      limits_confidence_text_cut: ['C Code'],
      repair_text_cut: ['D Data'],
    })
  })

  it('an agent’s prompt can be rendered again from another input', async () => {
    const { calls } = await run('prep', PAPER, ANSWERS)
    const { render, input, system, user } = calls[0]!
    expect(render(input)).toEqual({ system, user })
    const shorter = render({ ...input, paper_text: 'A TEXT MADE SHORT' })
    expect(shorter.user).toBe(user.replace(PAPER_TEXT, 'A TEXT MADE SHORT'))
    expect(shorter.system).toBe(system)
  })

  it('analyze: a question that got no answer fails the phase, never becomes a null', async () => {
    const { open_questions, ...others } = ANSWERS
    expect(open_questions).toBeTruthy()
    await expect(run('analyze', PAPER, others)).rejects.toThrow(/nothing to answer for open_questions/)
  })

  it('wrap: one request for a whole report', async () => {
    const { result, calls } = await run('wrap', { ...PAPER, ...BEFORE }, ANSWERS)
    expect(calls.map((call) => call.agent.name)).toEqual(['limits_confidence'])
    expect(result.finalState).toBe('done')
    expect(result.output).toMatchObject({ report_path: 'report.md', repaired: false })
  })

  it('wrap: no request when an earlier try has the answer', async () => {
    const { result, calls } = await run('wrap', { ...PAPER, ...ANSWERS }, {})
    expect(calls).toEqual([])
    expect(result.finalState).toBe('done')
  })

  it('wrap: one repair for all sections that are missing', async () => {
    const answers = {
      limits_confidence: '## Limitations\nTODO',
      repair: `${LIMITS}\n## Key Results\n- 97.1% at 64k tokens [p. 5]`,
    }
    const input = { ...PAPER, ...BEFORE, key_outcome: '## Executive Summary\nIt routes queries to blocks.' }
    const { result, calls } = await run('wrap', input, answers)
    expect(calls.map((call) => call.agent.name)).toEqual(['limits_confidence', 'repair'])
    const asked = [...(calls[1]?.user ?? '').matchAll(/^- ## (.+)$/gm)].map((match) => match[1])
    expect(asked).toEqual(['Key Results', 'Limitations', 'Confidence', 'Next Checks'])
    expect(result.output).toMatchObject({ report_path: 'report.md', repaired: true })
  })

  it('wrap: gives up after one repair and names what is still missing', async () => {
    const answers = {
      limits_confidence: '## Limitations\nTODO',
      repair: '## Limitations\nOnly one model family was tried.',
    }
    const { result, calls } = await run('wrap', { ...PAPER, ...BEFORE }, answers)
    expect(calls).toHaveLength(2)
    expect(result.finalState).toBe('give_up')
    expect(result.output).toEqual({
      error: 'The report is not complete after one repair; without a body: Confidence, Next Checks',
      error_class: 'incomplete_report',
      incomplete: ['Confidence', 'Next Checks'],
    })
  })

  it('wrap: a later try keeps what the earlier repair brought', async () => {
    const input = {
      ...PAPER,
      ...BEFORE,
      limits_confidence: '## Limitations\nTODO',
      repair_text: '## Limitations\nOnly one model family was tried.',
    }
    const { result, calls } = await run('wrap', input, {
      repair: '## Confidence\n- High [p. 2], by the ablation.\n## Next Checks\n- Run it with five seeds.',
    })
    expect(calls).toHaveLength(1)
    expect(calls[0]?.user).not.toContain('- ## Limitations')
    expect(result.finalState).toBe('done')
  })
})
