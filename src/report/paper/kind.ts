import { headingOf } from '../../text/paper-text.js'

/** What a paper mainly gives: what is asked about it depends on it. */
export type PaperKind = 'method' | 'theory' | 'dataset' | 'survey' | 'system' | 'observation'

export interface KindInput {
  title: string
  abstract: string
  /** In the paper-text format. */
  text: string
}

type Cue = readonly [RegExp, number]

/** What titles and abstracts say of themselves; the weight is what one occurrence of a cue adds. */
const TITLE: Readonly<Record<PaperKind, readonly Cue[]>> = {
  survey: [
    [
      /\b(?:survey|review|overview|tutorial|roadmap|perspectives?|introduction to|state of the art|taxonomy|challenges and opportunities)\b/i,
      4,
    ],
  ],
  dataset: [[/\b(?:data ?sets?|corpus|corpora|benchmarks?|databases?|collection|catalog(?:ue)?)\b/i, 3]],
  system: [
    [
      /\b(?:system|framework|toolkit|library|platform|infrastructure|engine|compiler|software|architecture|language for|open[- ]source)\b/i,
      2,
    ],
  ],
  theory: [
    [
      /\b(?:theorems?|conjectures?|bounds?|proofs?|stability|existence|uniqueness|complexity of|groups?|algebras?|manifolds?|spaces?|rings?|polynomials?|strings?|gravity|quantum|equations?|asymptotics?|decoherence|hadrons?|potentials?|symmetr\w+|orbits?)\b/i,
      1.5,
    ],
  ],
  observation: [
    [
      /\b(?:observations?|observing|measurements? of|survey of \w+ (?:stars|galaxies)|distribution of|statistics of|evidence for|detection of|search for|near earth|exoplanets?|planets?|stars?|galax\w+|trial|cohort|case study|user study|empirical study|analysis of)\b/i,
      2,
    ],
  ],
  method: [
    [
      /\b(?:learning|networks?|training|transformers?|algorithm|agent|prompt\w*|representation|pretrain\w*)\b/i,
      1,
    ],
  ],
}

const ABSTRACT: Readonly<Record<PaperKind, readonly Cue[]>> = {
  survey: [
    [
      /\b(?:this|the present|our) (?:survey|review|overview|tutorial)\b|\bwe (?:survey|review|summari[sz]e|give an overview|discuss recent)\b|\bthis (?:paper|article|work) (?:reviews|surveys|summari[sz]es|describes recent|(?:gives?|provides?|presents?) an? (?:\w+[- ]){0,3}(?:overview|summary|survey|review))\b/i,
      4,
    ],
    [/\b(?:recent (?:advances|techniques|progress)|literature)\b/i, 1],
  ],
  dataset: [
    [
      /\b(?:we|this (?:paper|work)) (?:\w+ ){0,3}?(?:introduces?|presents?|describes?|releases?|collects?|builds?|creates?|constructs?|provides?) .{0,60}\b(?:data ?set|corpus|benchmark|database|collection)\b/i,
      3,
    ],
    [/\b(?:annotated|annotators?|publicly available|free of charge|labell?ed|instances)\b/i, 0.7],
    [/\b(?:other|existing|previous|prior|earlier) (?:data ?sets|corpora|benchmarks|collections)\b/i, 1],
    [
      /\b(?:collection|data ?set|corpus|benchmark) (?:of|with|containing|comprising|consisting of) (?:over |about |more than |nearly )?\d[\d,.]*/i,
      1,
    ],
  ],
  system: [
    [
      /\b(?:we|this (?:paper|work)) (?:\w+ ){0,3}?(?:introduces?|presents?|describes?|releases?|builds?|implements?) .{0,60}\b(?:system|framework|toolkit|library|platform|software|pipeline|tool)\b/i,
      2.5,
    ],
    [
      /\b(?:throughput|latency|deploy\w*|open[- ]sourced?|developers|implementation|users|customizable|applications)\b/i,
      0.7,
    ],
    [
      /\b(?:operating systems?|file systems?|virtual machines?|prototype|overheads?|workloads?|hypervisor|multiprocessors?)\b/i,
      1,
    ],
  ],
  theory: [
    [
      /\bwe (?:\w+ ){0,2}(?:prove|derive|establish|conjecture|classify|calculate analytically)\b|\b(?:is|are) (?:derived|calculated|proved|constructed on the basis)\b/i,
      2.5,
    ],
    [
      /\b(?:theorem|if and only if|necessary and sufficient|conjecture|bounds?|hamiltonian|lagrangian|field theory|spacetimes?|symmetry|perturbation|renormali[sz]ation|analytic(?:ally)?)\b/i,
      1,
    ],
  ],
  observation: [
    [
      /\bwe (?:\w+ ){0,2}(?:observed?|measured?|detect(?:ed)?|estimated?|analy[sz]ed? (?:data|the)|infer(?:red)?|surveyed|interviewed|report (?:observations|measurements|on))\b/i,
      2,
    ],
    [
      /\b(?:telescope|spectrograph|photometr\w+|light curves?|survey data|temperatures?|measured|observed|ellipsometr\w+|crystals?|sample of|participants|patients|respondents|cross section measured)\b/i,
      1,
    ],
    // Studies of the living and of society.
    [
      /\b(?:mice|rats|zebrafish|drosophila|larva\w*|species|genom(?:e|es|ic)|populations?|individuals|cells|tissues?|voters?|elections?|candidates?|politicians|census|households|firms|interviews?|counties|regression discontinuity|natural experiment|quasi-experiment\w*|effects? of|evidence (?:for|that)|associated with)\b/i,
      0.8,
    ],
    [
      /\b(?:we|here we) (?:\w+ ){0,2}(?:find|found|show|showed|examined?|investigated?|compared?|sequenced|imaged|recorded|exploit)\b/i,
      0.8,
    ],
  ],
  method: [
    [
      /\bwe (?:\w+ ){0,2}(?:propose|introduce|present|develop) .{0,80}\b(?:method|approach|model|algorithm|technique|framework|architecture|network|agent|objective|learning)\b/i,
      2,
    ],
    [
      /\b(?:outperforms?|state[- ]of[- ]the[- ]art|improv\w+ (?:over|performance|the)|fine-?tun\w+|train(?:ed|ing)?|baselines?)\b/i,
      1,
    ],
  ],
}

/** Statements that only theory has so many of, in the running text. */
const STATEMENT = /(?:^|\n)(?:#{2,4} )?(?:Theorem|Lemma|Proposition|Corollary|Proof)\b/g
/** Words of learning from data: what has them often is no theory. */
const LEARNING = /\b(?:training|trained|fine-?tun\w+|accuracy|dataset|baselines?|epochs?|GPUs?)\b/gi
const FORMULA = /[=≤≥≈∑∫∂∇]/g

const LONGEST_ABSTRACT = 4000
const MAX_TEXT = 400_000
/** Below it nothing is sure, and a paper is asked about as most are. */
const LEAST = 2

/** Returns the kind of a paper by what its title, abstract and text say; `method` where nothing tells. No model is asked. */
export function paperKind({ title, abstract, text }: KindInput): PaperKind {
  const body = text.slice(0, MAX_TEXT)
  const about = (abstract.trim() === '' ? firstParagraphs(body) : abstract).slice(0, LONGEST_ABSTRACT)
  const scores = new Map<PaperKind, number>()
  for (const kind of Object.keys(TITLE) as PaperKind[])
    scores.set(kind, sum(TITLE[kind], title) + sum(ABSTRACT[kind], about))
  const add = (kind: PaperKind, points: number): void =>
    void scores.set(kind, (scores.get(kind) ?? 0) + points)
  const thousands = Math.max(1, body.length / 6000)
  const learning = (body.match(LEARNING)?.length ?? 0) / thousands
  add('theory', Math.min(4, (body.match(STATEMENT)?.length ?? 0) / 2))
  add('theory', Math.min(2, (body.match(FORMULA)?.length ?? 0) / thousands / 8))
  add('theory', -Math.min(5, learning))
  add('observation', -Math.min(3, learning / 2))
  add('method', Math.min(1.5, learning / 3))
  let best: PaperKind = 'method'
  for (const [kind, score] of scores) if (score > (scores.get(best) ?? 0)) best = kind
  return (scores.get(best) ?? 0) < LEAST ? 'method' : best
}

/** A cue counts twice at most: one word repeated is one sign. */
function sum(cues: readonly Cue[], text: string): number {
  return cues.reduce((total, [pattern, weight]) => {
    const all = text.match(new RegExp(pattern.source, `${pattern.flags}g`)) ?? []
    return total + weight * Math.min(2, new Set(all.map((one) => one.toLowerCase())).size)
  }, 0)
}

/** The abstract as it stands in the text, or what comes first. */
function firstParagraphs(text: string): string {
  return text
    .slice(0, LONGEST_ABSTRACT * 2)
    .split('\n')
    .filter((line) => headingOf(line) === null && !line.startsWith('>') && line.length > 80)
    .slice(0, 2)
    .join(' ')
}
