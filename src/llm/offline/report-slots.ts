import {
  ASSUMPTION,
  CAUSAL,
  CODE,
  COMPONENT,
  CONTRIBUTION,
  DATA,
  DEFINITION,
  FUTURE,
  HARDWARE,
  LIMITATION,
  PARAMETER,
  PRIOR_WORK,
  PROBLEM,
  PROCEDURE,
  RESULT,
  type Cues,
} from './cues.js'
import type { SectionKind } from './headings.js'

export type Slot =
  | 'core'
  | 'problem'
  | 'approach'
  | 'outcome'
  | 'results'
  | 'limitations'
  | 'assumptions'
  | 'future'
  | 'code'
  | 'hardware'
  | 'parameters'
  | 'data'
  | 'mechanism'
  | 'definitions'
  | 'components'
  | 'method'
  | 'priorWork'

/** How the sentences of one slot are chosen. */
export interface Profile {
  count: number
  /** Kinds of section they may come from, with what each adds. */
  kinds: Partial<Record<SectionKind, number>>
  /** Kinds not named are allowed too, with 0 (never acknowledgements and the like, nor appendices, which hold prompts and datasheets). */
  anywhere?: boolean
  cues: Cues
  /** Least sum of cues; 0 lets a sentence in by place and centrality alone. */
  least: number
  /** Least sum of cues and the weight of the section. */
  leastTotal?: number
  test?: RegExp
  /** What the words of others are told by. */
  never?: RegExp
  centrality: number
  perSection?: number
  /** May resemble what another slot says (an abstract and a conclusion do). */
  mayRestate?: boolean
  readingOrder?: boolean
  /** Quoted without the sentence it leans on. */
  alone?: boolean
}

/** Work of others, in a sentence that does not speak of the authors' own. */
const OTHERS =
  /^(?!.*\b(?:we|our|this (?:paper|work|article|study))\b).*(?:\[\d|\bet al\b|\(\p{Lu}[^()]{2,40}\d{4})/iu

/** The slots in the order in which they choose: the rarer the evidence, the earlier. */
export const SLOTS: readonly (readonly [Slot, Profile])[] = [
  [
    'core',
    {
      count: 1,
      kinds: { abstract: 2, introduction: 0.8, conclusion: 0.5, plain: 0 },
      cues: CONTRIBUTION,
      least: 1,
      centrality: 2,
      alone: true,
    },
  ],
  [
    'outcome',
    {
      count: 2,
      kinds: { abstract: 2, conclusion: 1.2, introduction: 1, results: 0.3, plain: 0 },
      cues: RESULT,
      never: OTHERS,
      least: 1.8,
      centrality: 1.5,
      mayRestate: true,
    },
  ],
  [
    'approach',
    {
      count: 2,
      kinds: { abstract: 1, introduction: 1.2, conclusion: 1, method: 0, plain: 0 },
      cues: CONTRIBUTION,
      never: OTHERS,
      least: 1.2,
      centrality: 2,
      mayRestate: true,
    },
  ],
  [
    'problem',
    {
      count: 1,
      kinds: { abstract: 1.2, introduction: 1, background: 0, plain: 0 },
      cues: PROBLEM,
      least: 1.2,
      centrality: 1.5,
    },
  ],
  [
    'results',
    {
      count: 6,
      kinds: {
        results: 1.5,
        discussion: 0.8,
        conclusion: 0.6,
        abstract: 0.6,
        introduction: 0.2,
        setup: -0.5,
        plain: 0,
        method: -0.6,
      },
      cues: RESULT,
      least: 1.8,
      centrality: 1,
      perSection: 3,
    },
  ],
  [
    'future',
    {
      count: 5,
      kinds: { future: 1.5, conclusion: 1, discussion: 0.8, limitations: 0.6 },
      anywhere: true,
      cues: FUTURE,
      least: 0,
      leastTotal: 1.5,
      centrality: 0.7,
    },
  ],
  [
    'limitations',
    {
      count: 5,
      kinds: {
        limitations: 3,
        discussion: 1,
        conclusion: 0.6,
        results: 0.5,
        method: 0.2,
        background: -1.5,
        introduction: -1,
        abstract: -0.8,
      },
      anywhere: true,
      cues: LIMITATION,
      least: 0,
      leastTotal: 2.3,
      centrality: 0.8,
      perSection: 4,
    },
  ],
  [
    'assumptions',
    {
      count: 2,
      kinds: { method: 0.6, setup: 0.4, limitations: 0.5, background: -0.6 },
      anywhere: true,
      cues: ASSUMPTION,
      least: 2,
      centrality: 1,
    },
  ],
  ['code', { count: 2, kinds: { abstract: 0.3 }, anywhere: true, cues: CODE, least: 2, centrality: 0 }],
  [
    'hardware',
    {
      count: 2,
      kinds: { setup: 0.8, results: 0.4, appendix: 0.2, method: 0.2, background: -1.5, introduction: -0.5 },
      anywhere: true,
      cues: HARDWARE,
      least: 1.5,
      centrality: 0.3,
    },
  ],
  [
    'parameters',
    {
      count: 3,
      kinds: { setup: 1, results: 0.4, method: 0.3, appendix: 0.1, background: -1.5 },
      anywhere: true,
      cues: PARAMETER,
      least: 2.2,
      centrality: 0.4,
      test: /(?<![\w.[])\d/,
    },
  ],
  [
    'data',
    {
      count: 3,
      kinds: { setup: 1.2, results: 0.5, method: 0.3, background: -1 },
      anywhere: true,
      cues: DATA,
      least: 2,
      centrality: 0.8,
    },
  ],
  [
    'mechanism',
    {
      count: 5,
      kinds: {
        discussion: 1,
        results: 0.6,
        method: 0.8,
        introduction: 0.4,
        conclusion: 0.5,
        background: -0.8,
        abstract: 0.2,
        appendix: -0.6,
        setup: -0.4,
      },
      anywhere: true,
      cues: CAUSAL,
      least: 1.4,
      centrality: 1.6,
      perSection: 2,
    },
  ],
  [
    'definitions',
    {
      count: 5,
      kinds: { background: 0.8, method: 0.5, introduction: 0.4, setup: 0.2, results: -0.6 },
      anywhere: true,
      cues: DEFINITION,
      least: 1.8,
      centrality: 1.2,
      perSection: 3,
    },
  ],
  [
    'components',
    {
      count: 4,
      kinds: { method: 1.2, setup: 0.2, introduction: 0, abstract: 0 },
      cues: COMPONENT,
      least: 1,
      centrality: 1.4,
      readingOrder: true,
    },
  ],
  [
    'method',
    {
      count: 6,
      kinds: { method: 1.5, setup: 0.5, abstract: 0.2, introduction: 0, plain: 0.5, results: -0.8 },
      cues: PROCEDURE,
      least: 0.8,
      centrality: 1.5,
      perSection: 3,
      readingOrder: true,
    },
  ],
  [
    'priorWork',
    {
      count: 3,
      kinds: { background: 1.2, introduction: 0.8, plain: 0 },
      cues: PRIOR_WORK,
      least: 1,
      centrality: 1.5,
    },
  ],
]
