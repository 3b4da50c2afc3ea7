import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import type { Writer } from '../../core/report-sections.js'
import { ANALYSES } from '../../db/executions/results.js'
import { MAX_TEXT_CHARACTERS } from '../actions/extract-text.js'
import { withHeadings } from '../../report/sections/earlier-answers.js'
import { findInjection } from '../../text/injection.js'

/** Names under which the earlier tool's machines wrote checkpoints. */
const EARLIER_WRAP = 'wrap-pipeline'

/** Returns whether a snapshot was written by the earlier tool's wrap. */
export function isEarlierWrap(machineName: string): boolean {
  return machineName === EARLIER_WRAP
}

/**
 * Returns a `prep_output` of the earlier tool as ours would be: the paper's text under one name, with our page marks
 * and no longer than a stored text may be, what addresses a model in it, and the corpus signals under our names.
 */
export function readEarlierPrep(output: JsonObject): JsonObject {
  const stored = textOrNull(output['paper_text']) ?? textOrNull(output['section_text']) ?? ''
  const marked = stored.replace(/^\[PAGE (\d+)\][^\S\n]*$/gm, '[p. $1]')
  const text = firstOf(marked, MAX_TEXT_CHARACTERS)
  const pages = [...marked.matchAll(/^\[p\. (\d+)\]$/gm)].map((mark) => Number(mark[1]))
  return {
    ...output,
    paper_text: text,
    corpus_signals: readSignals(output),
    paper: {
      pages: pages.length === 0 ? null : Math.max(...pages),
      injection: findInjection(stored),
      text_cut: text === marked ? [] : ['the end'],
    },
  }
}

/** Its texts have no headings to cut by; what stands last is references and appendices. */
function firstOf(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = text.lastIndexOf('\n', limit)
  return `${text.slice(0, end > limit / 2 ? end : limit)}\n\n[… the rest of the paper is left out …]`
}

function readSignals(output: JsonObject): JsonObject | null {
  const signals = output['corpus_signals']
  if (!isObject(signals)) return null
  const neighbors = output['corpus_neighbors']
  return {
    neighbors_used: Array.isArray(neighbors) ? neighbors.length : null,
    avg_fmr_score: signals['avg_neighbor_fmr'] ?? null,
    avg_cited_by_count: signals['avg_neighbor_citations'] ?? null,
    max_h_index: signals['max_neighbor_author_h_index'] ?? null,
  }
}

/** Which parts of a machine's input the earlier tool wrote. */
export interface EarlierParts {
  prep: boolean
  analyze: boolean
  wrap: boolean
}

/** Returns the answers in a machine's input that the earlier tool's writers gave, under the report's headings. */
export function readEarlierAnswers(input: JsonObject, earlier: EarlierParts): JsonObject {
  const writers: Writer[] = [
    ...(earlier.prep ? (['key_outcome'] as const) : []),
    ...(earlier.analyze ? ANALYSES : []),
    ...(earlier.wrap ? (['limits_confidence'] as const) : []),
  ]
  if (writers.length === 0) return {}
  const all: readonly Writer[] = ['key_outcome', ...ANALYSES, 'limits_confidence']
  const answers = Object.fromEntries(all.map((writer) => [writer, textOrNull(input[writer])]))
  return { ...withHeadings(answers, writers, textOrNull(input['repair_text'])) }
}

/** Returns a text, or null for anything else and for an empty one. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}
