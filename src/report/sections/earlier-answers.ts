import type { Writer } from '../../core/report-sections.js'
import { collectSections, type Answers } from './collect.js'
import { problemOf } from './completeness.js'
import { readSections, type SectionRule } from './earlier-labels.js'
import { headingsOf } from '../answers/headings.js'
import { resultsIn } from './key-results.js'
import { splitSections } from '../answers/split.js'

const WHY = 'Why This Works (Mechanism)'
const ONBOARDING = 'Architecture Onboarding'
const METHOD = 'Method Summary'

/**
 * What headings of the earlier tool's writers mean in the report. Its prompts asked `key_outcome` for plain text,
 * `reproduction_notes` for four `###` parts, and `limits_confidence` for a text without naming a heading.
 */
const RULES: Readonly<Record<Writer, { rest: string; labels: readonly SectionRule[] }>> = {
  why_hypotheses: {
    rest: WHY,
    labels: [
      { heading: WHY, pattern: /\bmechanisms?\b|\bwhy\b|\bhypothes[ie]s\b/i },
      {
        heading: 'Foundational Learning',
        pattern: /^\W*(?:\d+\W+)?(?:foundation|learning|prerequisite|(?:key |core )?concepts\b)/i,
      },
      { heading: ONBOARDING, pattern: /^\W*(?:\d+\W+)?architecture\b|\bonboarding\b/i },
    ],
  },
  reproduction_notes: {
    rest: METHOD,
    labels: [
      { heading: METHOD, pattern: /\bspecified\b|\bmethod|\bunknowns?\b|\bprocedure\b/i },
      { heading: ONBOARDING, pattern: /\breproduction plan\b|\bplan\b|\bfailure modes?\b|\bdiagnostics?\b/i },
    ],
  },
  key_outcome: {
    rest: 'Executive Summary',
    labels: [
      {
        heading: 'Executive Summary',
        pattern: /\bproblem\b|\bmethod|\bapproach\b|\bidea\b|\boutcome\b|\bsummary\b/i,
      },
      { heading: 'Key Results', pattern: /\bresults?\b|\bfindings?\b|\bmetrics?\b/i },
    ],
  },
  open_questions: { rest: 'Open Questions the Paper Calls Out', labels: [] },
  limits_confidence: {
    rest: 'Limitations',
    labels: [
      {
        heading: 'Limitations',
        pattern: /\blimit(?:s|ations?)\b|\buncertaint|\bunknowns?\b|\bcaveats?\b|\bweakness/i,
      },
      { heading: 'Confidence', pattern: /\bconfidence\b/i },
      { heading: 'Next Checks', pattern: /\bnext\b|\bvalidations?\b|\bchecks?\b/i },
    ],
  },
}

/**
 * Returns answers of the earlier tool with the report's headings put in where the text says under other headings, or
 * under none, what belongs there. Only sections that nobody wrote by name are made so: `earlierReport`, the report
 * that the earlier tool had assembled before it failed, comes first. What cannot be told from the text stays missing.
 *
 * @param writers whose answers are the earlier tool's; the others are left alone.
 */
export function withHeadings(
  answers: Answers,
  writers: readonly Writer[],
  earlierReport: string | null,
): Answers {
  const written = collectSections(answers, [earlierReport]).sections
  const has = (heading: string): boolean => problemOf(written.get(heading)) === null
  const result: Answers = { ...answers }
  for (const writer of Object.keys(RULES) as Writer[]) {
    const text = answers[writer] ?? ''
    if (!writers.includes(writer) || text === '') continue
    const told = sectionsOf(writer, text, has)
    const made = [...told].filter(([heading, body]) => !has(heading) && problemOf(body) === null)
    if (made.length === 0) continue
    for (const [heading, body] of made) written.set(heading, body)
    const kept = [...splitSections(text, headingsOf(writer))]
      .filter(([, body]) => problemOf(body) === null)
      .map(([heading, body]) => [heading, upTo(body, told.get(heading))] as const)
    result[writer] = [...kept, ...made].map(([heading, body]) => `## ${heading}\n\n${body}`).join('\n\n')
  }
  return result
}

/** A section by its name may have swallowed the next ones, which are called otherwise. */
function upTo(body: string, narrower: string | undefined): string {
  return narrower !== undefined && problemOf(narrower) === null && body.startsWith(narrower) ? narrower : body
}

function sectionsOf(writer: Writer, text: string, has: (heading: string) => boolean): Map<string, string> {
  const { rest, labels } = RULES[writer]
  // Notes on reproduction are a method summary as a whole unless the onboarding has to be taken out of them.
  const wanted = writer === 'reproduction_notes' && has(ONBOARDING) ? [] : labels
  const sections = readSections(text, wanted, rest)
  if (writer !== 'key_outcome') return sections
  const whole = readSections(text, [], rest).get(rest) ?? ''
  const results = sections.get('Key Results') ?? resultsIn(whole)
  const summary = whole.replace(/^### .*$\n*/gm, '').trim()
  return new Map([[rest, summary], ...(results === null ? [] : [['Key Results', results] as const])])
}
