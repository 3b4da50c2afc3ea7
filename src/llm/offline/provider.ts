import { RpaError } from '../../core/errors.js'
import { CORE_CONTRIBUTION, REPORT_SECTIONS, WHOLE_REPORT } from '../../core/report-sections.js'
import type { ModelAnswer, ModelRequest, Provider } from '../provider.js'
import { readInput } from './context.js'
import { parsePaper } from './document.js'
import { coreContribution, executiveSummary, keyResults } from './key-outcome.js'
import { confidence, discrepancies, limitations, nextChecks, openQuestions } from './limits.js'
import { makePlan } from './plan.js'
import { methodSummary, onboarding } from './reproduction.js'
import type { Slot } from './report-slots.js'
import { foundation, mechanism, relatedWork } from './why.js'
import type { Writing } from './writing.js'

/** Model id of the answers: the number goes up when the same paper would give another text. */
export const OFFLINE_MODEL = 'offline/extractive-3'

interface SectionWriter {
  write: (writing: Writing) => string
  slots: readonly Slot[]
}

const SECTIONS: Readonly<Record<string, SectionWriter>> = {
  [CORE_CONTRIBUTION]: { write: coreContribution, slots: ['core'] },
  'Executive Summary': { write: executiveSummary, slots: ['problem', 'approach', 'outcome'] },
  'Method Summary': { write: methodSummary, slots: ['method'] },
  'Key Results': { write: keyResults, slots: ['results'] },
  'Why This Works (Mechanism)': { write: mechanism, slots: ['mechanism'] },
  'Foundational Learning': { write: foundation, slots: ['definitions'] },
  'Architecture Onboarding': {
    write: onboarding,
    slots: ['components', 'data', 'parameters', 'hardware', 'code'],
  },
  'Related Work': { write: relatedWork, slots: ['priorWork'] },
  'Open Questions the Paper Calls Out': { write: openQuestions, slots: ['future'] },
  Limitations: { write: limitations, slots: ['limitations', 'assumptions'] },
  'Does It Add Up?': { write: discrepancies, slots: [] },
  Confidence: { write: confidence, slots: [] },
  'Next Checks': { write: nextChecks, slots: ['priorWork'] },
}

/**
 * Answers without a model: every section is made of the paper's own sentences, chosen by rules, quoted with their page.
 * The same input always gives the same answer. Throws `offline_unknown_agent` for an agent it has no writer for.
 */
export class OfflineProvider implements Provider {
  async complete(request: ModelRequest): Promise<ModelAnswer> {
    request.signal?.throwIfAborted()
    return {
      content: writeAnswer(request),
      model: OFFLINE_MODEL,
      promptTokens: null,
      completionTokens: null,
      costUsd: 0,
      rateLimit: null,
    }
  }
}

function writeAnswer(request: ModelRequest): string {
  const input = readInput(request.input)
  const headings = headingsOf(request.agent, input.missing)
  const own = new Set(headings.flatMap((heading) => SECTIONS[heading]?.slots ?? []))
  const document = parsePaper(input.title, input.abstract, input.paperText)
  const writing = { input, document, plan: makePlan(document, own, input.earlier) }
  return headings
    .flatMap((heading) => {
      const body = SECTIONS[heading]?.write(writing) ?? ''
      return body === '' ? [] : [`## ${heading}\n\n${body}\n`]
    })
    .join('\n')
}

function headingsOf(agent: string, missing: readonly string[]): string[] {
  if (agent === WHOLE_REPORT) return Object.keys(SECTIONS)
  if (agent === 'repair') return missing.filter((heading) => Object.hasOwn(SECTIONS, heading))
  const headings = REPORT_SECTIONS.filter((section) => section.writer === agent).map(
    (section) => section.heading,
  )
  if (headings.length === 0) throw unknownAgent(agent)
  return agent === 'key_outcome' ? [CORE_CONTRIBUTION, ...headings] : headings
}

function unknownAgent(agent: string): RpaError {
  const known = [
    ...new Set(REPORT_SECTIONS.flatMap((section) => section.writer ?? [])),
    WHOLE_REPORT,
    'repair',
  ]
  return new RpaError('offline_unknown_agent', `The offline writer has no text for the agent "${agent}".`, {
    hint: `Give this agent a profile with a model, or use one of the agents it knows: ${known.join(', ')}.`,
  })
}
