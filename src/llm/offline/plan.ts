import type { PaperDocument, Sentence } from './document.js'
import { cueScore, type Cues } from './cues.js'
import { announces, pointsBack, standalonePenalty } from './standing.js'
import { SLOTS, type Profile, type Slot } from './report-slots.js'

export interface Picked {
  sentence: Sentence
  /** What the cue phrases of the slot gave; 0 = chosen for its place and centrality alone. */
  cue: number
}

export type Plan = Record<Slot, Picked[]>

/** Two sentences that share this much of their words say the same. */
const SAME = 0.55

/**
 * Gives every slot of the report its sentences, none to two slots. It depends on the paper alone, so answers written
 * apart from each other do not repeat one another; sentences found in `earlier` texts are passed over in `own` slots.
 */
export function makePlan(document: PaperDocument, own: ReadonlySet<Slot>, earlier: string): Plan {
  const plan = Object.fromEntries(SLOTS.map(([slot]) => [slot, []])) as unknown as Plan
  const state: State = { document, used: new Set(), taken: [], seen: normalise(earlier), scores: new Map() }
  const last = SLOTS.findLastIndex(([slot]) => own.has(slot))
  for (const [slot, profile] of SLOTS.slice(0, last + 1)) {
    plan[slot] = fill(state, profile, own.has(slot))
  }
  return plan
}

interface State {
  document: PaperDocument
  used: Set<Sentence>
  taken: Sentence[]
  /** What earlier texts say, in one line. */
  seen: string
  /** Cue scores by cue table, in the order of the document's sentences. */
  scores: Map<Cues, Float64Array>
}

function fill(state: State, profile: Profile, isOwn: boolean): Picked[] {
  const picks: Picked[] = []
  for (const { sentence, cue } of rank(state, profile)) {
    if (picks.length >= profile.count) break
    if (state.used.has(sentence)) continue
    if (isOwn && state.seen !== '' && state.seen.includes(normalise(sentence.text))) continue
    const others = profile.mayRestate === true ? picks.map((p) => p.sentence) : state.taken
    if (others.some((other) => overlap(other, sentence) > SAME)) continue
    if (crowded(picks, sentence, profile)) continue
    state.used.add(sentence)
    const shown = profile.alone === true ? sentence : withContext(state, sentence)
    picks.push({ sentence: shown, cue })
    state.taken.push(shown)
  }
  return profile.readingOrder === true ? picks.sort((a, b) => a.sentence.place - b.sentence.place) : picks
}

const LONGEST_PAIR = 420

/** A sentence that points back is quoted with the one before it, one that only announces with the one after it. */
function withContext(state: State, sentence: Sentence): Sentence {
  if (pointsBack(sentence.text)) return joined(state, sentence, -1) ?? sentence
  return announces(sentence.text) ? (joined(state, sentence, 1) ?? sentence) : sentence
}

function joined(state: State, sentence: Sentence, step: 1 | -1): Sentence | null {
  const { sentences } = state.document
  const neighbor = sentences[sentences.indexOf(sentence) + step]
  if (neighbor === undefined || neighbor.paragraph !== sentence.paragraph) return null
  if (neighbor.inParagraph !== sentence.inParagraph + step || state.used.has(neighbor)) return null
  const [first, second] = step === 1 ? [sentence, neighbor] : [neighbor, sentence]
  const text = `${first.text} ${second.text}`
  if (text.length > LONGEST_PAIR) return null
  state.used.add(neighbor)
  return { ...first, text, endPage: second.endPage, stems: new Set([...first.stems, ...second.stems]) }
}

function scoresOf(state: State, cues: Cues): Float64Array {
  let scores = state.scores.get(cues)
  if (scores === undefined) {
    scores = Float64Array.from(state.document.sentences, (s) => cueScore(s.text, cues))
    state.scores.set(cues, scores)
  }
  return scores
}

function rank(state: State, profile: Profile): Picked[] {
  const candidates: (Picked & { score: number })[] = []
  const scores = scoresOf(state, profile.cues)
  state.document.sentences.forEach((sentence, index) => {
    const kind = kindWeight(sentence, profile)
    const cue = scores[index] ?? 0
    if (kind === null || cue < profile.least || profile.test?.test(sentence.text) === false) return
    if (profile.never?.test(sentence.text) === true) return
    if (profile.leastTotal !== undefined && cue + kind < profile.leastTotal) return
    const penalty = standalonePenalty(sentence.text) + (sentence.stems.size < FEW_STEMS ? 1.2 : 0)
    const score = kind + cue + profile.centrality * sentence.centrality - penalty + edge(sentence)
    candidates.push({ sentence, cue, score })
  })
  return candidates.sort((a, b) => b.score - a.score || a.sentence.place - b.sentence.place)
}

/** A sentence with fewer content words says too little alone. */
const FEW_STEMS = 6

function kindWeight(sentence: Sentence, profile: Profile): number | null {
  let best: number | null = null
  for (const kind of sentence.section.kinds) {
    const weight =
      profile.kinds[kind] ?? (profile.anywhere === true && kind !== 'back' && kind !== 'appendix' ? 0 : null)
    if (weight !== null && (best === null || weight > best)) best = weight
  }
  return best
}

/** First sentences of a paragraph stand better alone. */
function edge(sentence: Sentence): number {
  return sentence.inParagraph === 0 ? 0.3 : 0
}

function crowded(picks: readonly Picked[], sentence: Sentence, profile: Profile): boolean {
  if (profile.perSection === undefined) return false
  return picks.filter((p) => p.sentence.section === sentence.section).length >= profile.perSection
}

function overlap(a: Sentence, b: Sentence): number {
  const [small, large] = a.stems.size <= b.stems.size ? [a.stems, b.stems] : [b.stems, a.stems]
  if (small.size === 0) return 0
  let common = 0
  for (const stem of small) if (large.has(stem)) common++
  return common / (small.size + large.size - common)
}

function normalise(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Returns all cue-bearing sentences of the paper for a kind of evidence, for counting. */
export function sentencesWith(document: PaperDocument, cues: Cues, least: number): Sentence[] {
  return document.sentences.filter(
    (s) => !s.section.kinds.includes('back') && cueScore(s.text, cues) >= least,
  )
}
