import { describe, expect, it } from 'vitest'
import { CORE_CONTRIBUTION } from '../../../src/core/report-sections.js'
import { collectSections } from '../../../src/report/sections/collect.js'
import { findIncomplete } from '../../../src/report/sections/completeness.js'
import { ANSWERS } from '../answers.js'

describe('collectSections', () => {
  it('makes a whole report of five answers, in report order, and tells whose each section is', () => {
    const { sections, sources } = collectSections(ANSWERS)
    expect(findIncomplete(sections)).toEqual([])
    expect([...sections.keys()].slice(0, 4)).toEqual([
      CORE_CONTRIBUTION,
      'Executive Summary',
      'Method Summary',
      'Key Results',
    ])
    expect(sources.get('Method Summary')).toBe('reproduction_notes')
  })

  it('fills only what is missing or void from a repair', () => {
    const answers = {
      ...ANSWERS,
      limits_confidence: '## Limitations\nOnly two data sets were used.\n## Confidence\nTBD',
    }
    const repair =
      '## Limitations\nWRONG, it was there before.\n## Confidence\n- **High** for the main claim [p. 2].\n## Next Checks\n- Run it with five seeds.'
    const before = collectSections(answers)
    expect(findIncomplete(before.sections).map((found) => found.heading)).toEqual([
      'Confidence',
      'Next Checks',
    ])
    const after = collectSections(answers, [repair])
    expect(findIncomplete(after.sections)).toEqual([])
    expect(after.sections.get('Limitations')).toBe('Only two data sets were used.')
    expect(after.sources.get('Confidence')).toBe('repair')
  })

  it('keeps an earlier repair beside a later one', () => {
    const answers = { ...ANSWERS, limits_confidence: null }
    const repairs = [
      '## Limitations\nOnly two data sets were used.',
      '## Confidence\n- High [p. 2], by the ablation.\n## Next Checks\n- Run it with five seeds.',
      undefined,
    ]
    expect(findIncomplete(collectSections(answers, repairs).sections)).toEqual([])
  })

  it('does not let a void repair replace a body or make a section', () => {
    const { sections } = collectSections({ ...ANSWERS, open_questions: '' }, [
      '## Open Questions\nI cannot do this, sorry.',
    ])
    expect(findIncomplete(sections).map((found) => found.heading)).toEqual([
      'Open Questions the Paper Calls Out',
    ])
  })

  it('takes a section from another answer that holds it', () => {
    const answers = {
      ...ANSWERS,
      open_questions: null,
      limits_confidence: `${ANSWERS.limits_confidence}\n## Open Questions\n- Does it hold beyond 7B?`,
    }
    expect(findIncomplete(collectSections(answers).sections)).toEqual([])
  })

  it('keeps a summary that was paid for before it came last', () => {
    const answers = {
      ...ANSWERS,
      key_outcome: '## Executive Summary\nThe first summary stands.\n## Key Results\n- It holds [p. 2].',
      limits_confidence: `${ANSWERS.limits_confidence}\n## Executive Summary\nA later one.`,
    }
    const { sections, sources } = collectSections(answers)
    expect(sections.get('Executive Summary')).toBe('The first summary stands.')
    expect(sources.get('Executive Summary')).toBe('key_outcome')
    const last = collectSections({ ...answers, key_outcome: '## Key Results\n- It holds [p. 2].' })
    expect(last.sections.get('Executive Summary')).toBe('A later one.')
    expect(last.sources.get('Executive Summary')).toBe('limits_confidence')
  })

  it('takes an answer of one section without its heading', () => {
    const { sections } = collectSections({
      ...ANSWERS,
      open_questions: '- Does it hold beyond 7B parameters?',
    })
    expect(findIncomplete(sections)).toEqual([])
  })

  it('falls back to the first sentence of the summary for the core contribution', () => {
    const { sections } = collectSections({
      ...ANSWERS,
      key_outcome:
        '## Executive Summary\nThe paper sorts in 0.5 ms, e.g. on phones. It is simple.\n## Key Results\n- 0.5 ms [p. 2]',
    })
    expect(sections.get(CORE_CONTRIBUTION)).toMatch(/^The paper sorts in 0\.5 ms/)
  })

  it('finds all missing when nothing was answered', () => {
    expect(collectSections({}).sections.size).toBe(0)
  })
})
