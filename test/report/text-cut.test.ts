import { describe, expect, it } from 'vitest'
import { parseTerminology } from '../../src/report/terms/terminology.js'
import { createLogger } from '../../src/core/logging.js'
import type { JsonObject } from '../../src/core/json.js'
import { assembleReportAction } from '../../src/pipeline/actions/assemble-report.js'
import { openTestDatabase } from '../support/database.js'
import { ANSWERS, PAPER_TEXT } from './answers.js'

const unused = (): never => {
  throw new Error('not asked for by this action')
}

/** Frontmatter of the report that the pipeline's own step makes of a context. */
async function frontmatterOf(context: JsonObject): Promise<JsonObject> {
  const { db } = await openTestDatabase()
  const action = assembleReportAction({
    db,
    clock: { now: () => Date.UTC(2026, 0, 2) },
    log: createLogger('error', unused),
    version: '0.1.0',
    pdfSources: undefined as never,
    reportsDir: '/nowhere',
    terminology: () => parseTerminology({}, ''),
    corpus: unused,
    otherPdfs: 'refuse',
    besideCorpus: unused,
    extractor: unused,
  })
  const result = await action({
    action: 'assemble_report',
    state: 'assemble',
    context: { ...ANSWERS, arxiv_id: '2401.01234', title: 'T', paper_text: PAPER_TEXT, ...context },
    executionId: 'e1',
    rateLimit: null,
  })
  return result['frontmatter'] as JsonObject
}

const MODELS = { key_outcome: 'small', why_hypotheses: 'large', open_questions: 'large' }

describe('what was left out of a paper’s text', () => {
  it('is nothing where every model was given the whole', async () => {
    expect(
      await frontmatterOf({
        models: MODELS,
        paper: { text_cut: [] },
        text_cut: { key_outcome: [], why_hypotheses: null },
      }),
    ).toMatchObject({ text_cut: {}, paper: { text_cut: false } })
  })

  it('is told writer by writer', async () => {
    const frontmatter = await frontmatterOf({
      models: MODELS,
      paper: { text_cut: [] },
      text_cut: { key_outcome: ['A Proofs', '3 Me\nthod'], why_hypotheses: [], open_questions: null },
      limits_confidence_model: 'small',
      limits_confidence_text_cut: [''],
      repair_model: null,
      repair_text_cut: null,
    })
    expect(frontmatter).toMatchObject({ paper: { text_cut: true } })
    expect(frontmatter['text_cut']).toEqual({
      key_outcome: ['A Proofs', '3 Me thod'],
      limits_confidence: ['text without a heading'],
    })
  })

  it('concerns all who wrote where prep had stored a shortened text, as earlier versions did', async () => {
    const { text_cut, paper } = await frontmatterOf({
      models: MODELS,
      paper: { text_cut: ['A Proofs'] },
      limits_confidence_model: 'small',
      limits_confidence_text_cut: ['2 Related Work', 'A Proofs'],
    })
    expect(text_cut).toEqual({
      key_outcome: ['A Proofs'],
      why_hypotheses: ['A Proofs'],
      open_questions: ['A Proofs'],
      limits_confidence: ['A Proofs', '2 Related Work'],
    })
    expect(paper).toMatchObject({ text_cut: true })
  })

  it('is a short list, and rubbish in a checkpoint is none', async () => {
    const many = Array.from({ length: 300 }, (_, i) => `${i} Section`)
    const { text_cut } = await frontmatterOf({
      models: MODELS,
      paper: { text_cut: 'yes' },
      text_cut: { key_outcome: many, why_hypotheses: 'A', open_questions: [1, null] },
    })
    expect(text_cut).toEqual({ key_outcome: [...many.slice(0, 20), '… and 280 more'] })
  })
})
