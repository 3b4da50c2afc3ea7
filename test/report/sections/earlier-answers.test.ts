import { describe, expect, it } from 'vitest'
import { CORE_CONTRIBUTION, type Writer } from '../../../src/core/report-sections.js'
import { collectSections, type Answers } from '../../../src/report/sections/collect.js'
import { findIncomplete } from '../../../src/report/sections/completeness.js'
import { withHeadings } from '../../../src/report/sections/earlier-answers.js'
import {
  EARLIER_KEY_OUTCOME,
  EARLIER_LIMITS,
  EARLIER_PLAIN_REPRODUCTION,
  EARLIER_PLAIN_WHY,
  EARLIER_QUESTIONS,
  EARLIER_REPORT,
  EARLIER_REPRODUCTION,
  EARLIER_WHY,
} from '../../support/earlier-texts.js'
import { ANSWERS } from '../answers.js'

const EARLIER: Answers = {
  key_outcome: EARLIER_KEY_OUTCOME,
  why_hypotheses: EARLIER_WHY,
  reproduction_notes: EARLIER_REPRODUCTION,
  open_questions: EARLIER_QUESTIONS,
  limits_confidence: EARLIER_LIMITS,
}
const ALL = Object.keys(EARLIER) as Writer[]

function sectionsOf(changes: Answers = {}, report: string | null = null): Map<string, string> {
  return collectSections(withHeadings({ ...EARLIER, ...changes }, ALL, report), [report]).sections
}

function missing(changes: Answers = {}, report: string | null = null): string[] {
  return findIncomplete(sectionsOf(changes, report)).map(({ heading }) => heading)
}

describe('answers of the earlier tool', () => {
  it('make a whole report, each text where it belongs', () => {
    const sections = sectionsOf()
    expect(findIncomplete(sections)).toEqual([])
    expect(sections.get('Executive Summary')).toBe(EARLIER_KEY_OUTCOME)
    expect(sections.get(CORE_CONTRIBUTION)).toBe(
      'The paper addresses the quadratic cost of attention over long inputs.',
    )
    expect(sections.get('Key Results')).toBe(
      '- It keeps 97.1% of the accuracy of dense attention at 64k tokens.\n- It is 3.2 times faster than the dense baseline.',
    )
    expect(sections.get('Method Summary')).toBe(EARLIER_REPRODUCTION)
    expect(sections.get('Architecture Onboarding')).toMatch(/^- Component map: .*\n- Critical path: .*$/)
    expect(sections.get('Open Questions the Paper Calls Out')).toBe(EARLIER_QUESTIONS)
    expect(sections.get('Limitations')).toMatch(/^- No variance .*\n- Only one model family was tried\.$/)
    expect(sections.get('Confidence')).toMatch(/^- Speed: High.*\n- Accuracy: Medium.*$/)
    expect(sections.get('Next Checks')).toMatch(/^1\. .*\n2\. .*\n3\. .*limitations\.$/)
  })

  it('give the onboarding from the reproduction plan where nothing else does', () => {
    const sections = sectionsOf({ why_hypotheses: EARLIER_WHY.split('## Architecture')[0] })
    expect(findIncomplete(sections)).toEqual([])
    expect(sections.get('Method Summary')).toMatch(
      /^### What is directly specified\n\n- Task[^]*\n\n### Unknowns[^]*not given\.$/,
    )
    expect(sections.get('Architecture Onboarding')).toMatch(
      /^### Minimum viable[^]*Step 2[^]*### Common failure modes[^]*routing\.$/,
    )
  })

  it('of plain words leave out only what they do not tell', () => {
    const plain = { why_hypotheses: EARLIER_PLAIN_WHY, reproduction_notes: EARLIER_PLAIN_REPRODUCTION }
    expect(missing(plain)).toEqual(['Foundational Learning', 'Architecture Onboarding'])
    expect(sectionsOf(plain).get('Why This Works (Mechanism)')).toBe(EARLIER_PLAIN_WHY)
    expect(sectionsOf(plain).get('Method Summary')).toBe(EARLIER_PLAIN_REPRODUCTION)
  })

  it('take key results from a list, from a part of that name, or from words of effect', () => {
    const results = (key_outcome: string): string | undefined =>
      sectionsOf({ key_outcome }).get('Key Results')
    expect(
      results('It routes queries well:\n- a method of its own\n- 97.1% at 64k tokens\n- 3.2x faster'),
    ).toBe('- 97.1% at 64k tokens\n- 3.2x faster')
    expect(
      results(
        '**Problem:** Attention is quadratic.\n\n**Primary results:** It is cheap and whole.\n- no loss',
      ),
    ).toBe('**Primary results:** It is cheap and whole.\n- no loss')
    expect(results('### Key outcome\nA router for keys.\n### Results\nNothing of note is lost by it.')).toBe(
      'Nothing of note is lost by it.',
    )
    expect(results('A router is proposed here. It outperforms dense attention throughout.')).toBe(
      '- It outperforms dense attention throughout.',
    )
    expect(results('A router is proposed here. It has a contrastive loss.')).toBeUndefined()
  })

  it('begin the core contribution with a word of the summary, not with its label', () => {
    const labelled = '**Problem addressed:** Attention over long inputs is quadratic. It costs 40 ms.'
    expect(sectionsOf({ key_outcome: labelled }).get(CORE_CONTRIBUTION)).toBe(
      'Attention over long inputs is quadratic.',
    )
    const headed = '### Key Outcome Snapshot\nAttention over long inputs is quadratic. It costs 40 ms.'
    expect(sectionsOf({ key_outcome: headed }).get(CORE_CONTRIBUTION)).toBe(
      'Attention over long inputs is quadratic.',
    )
  })

  it.each([
    ['in a fence', `\`\`\`markdown\n${EARLIER_LIMITS}\n\`\`\``],
    ['after thinking', `<think>Limitations: none\n</think>\n${EARLIER_LIMITS}`],
    [
      'with words before colons',
      '- **Limitations:** No seeds are reported here.\n- **Confidence:** High for the speed alone.\n- **Next checks:** Repeat it with five seeds.',
    ],
    [
      'as plain lines',
      'Limitations:\nNo seeds are reported here.\n\nConfidence by claim:\nHigh for the speed alone.\n\nNext validation steps:\nRepeat it with five seeds.',
    ],
    [
      'with headings that name two',
      '### Limitations\nNo seeds are reported here.\n### Confidence\n#### Check of the confidence\nHigh for the speed alone.\n### Next checks\n#### Check 1: the limitation\nRepeat it with five seeds.',
    ],
  ])('are read %s', (_, limits_confidence) => {
    const sections = sectionsOf({ limits_confidence })
    expect(findIncomplete(sections)).toEqual([])
    expect(sections.get('Limitations')).toMatch(/No (?:seeds|variance)/)
    expect(sections.get('Limitations')).not.toMatch(/High|five/)
    expect(sections.get('Confidence')).toMatch(/High/)
    expect(sections.get('Confidence')).not.toMatch(/five/)
    expect(sections.get('Next Checks')).toMatch(/five seeds/)
  })

  it('come after what the earlier report says by name, and before nothing', () => {
    const sections = sectionsOf({ limits_confidence: null }, EARLIER_REPORT)
    expect(sections.get('Executive Summary')).toMatch(/^Assembled: /)
    expect(sections.get('Key Results')).toMatch(/^- Assembled: /)
    expect(sections.get('Architecture Onboarding')).toMatch(/^- Component map/)
    expect(findIncomplete(sections).map(({ heading }) => heading)).toEqual([
      'Limitations',
      'Confidence',
      'Next Checks',
    ])
  })

  it('that are void stay void', () => {
    expect(missing({ open_questions: 'N/A', key_outcome: '  ', limits_confidence: 'TBD' })).toEqual([
      'Executive Summary',
      'Key Results',
      'Open Questions the Paper Calls Out',
      'Limitations',
      'Confidence',
      'Next Checks',
    ])
  })
})

describe('answers of our own writers', () => {
  it('are left alone, whatever they lack', () => {
    const answers = { ...ANSWERS, key_outcome: '## Executive Summary\nIt is 3.2x faster than before.' }
    expect(withHeadings(answers, [], null)).toEqual(answers)
  })

  it('stay as they are where they lack nothing', () => {
    expect(withHeadings(ANSWERS, ALL, null)).toEqual(ANSWERS)
  })

  it('do not change by being read twice', () => {
    const once = withHeadings(EARLIER, ALL, null)
    expect(withHeadings(once, ALL, null)).toEqual(once)
  })
})
