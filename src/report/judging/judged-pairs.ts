import { pairedTest, type PairedTest } from './paired-test.js'
import { CRITERIA, type Criterion, type Letter, type Verdict } from './read-verdict.js'

export const SIDES = ['baseline', 'ours'] as const
export type Side = (typeof SIDES)[number]

/** A verdict in one of the two orders. */
export interface OrderVerdict {
  /** Whose report was read first. */
  first: Side
  preferred: Side | 'tie'
  /** 0 to 1; null where it was not said. */
  certainty: number | null
  scores: Partial<Record<Criterion, Record<Side, number>>>
  why: string | null
  model: string
}

/** A paper that was judged in both orders. */
export interface JudgedPair {
  arxiv_id: string
  /** What both orders agree on; split: they do not, or one had no preference. */
  preferred: Side | 'split'
  orders: OrderVerdict[]
}

/** Two values of each paper, and how far they differ. */
export interface PairedMeasure extends PairedTest {
  measure: string
  mean: number
  baseline_mean: number
}

/** What verdicts say of the one who gives them. */
export interface JudgePosition {
  /** Of all verdicts, in how many the report that was read first was preferred, the second, or none. */
  first: number
  second: number
  tie: number
  /** That papers with two different verdicts fall to the first or the second alike. */
  p: number
}

/** Returns a verdict on A and B as one on the two sides. */
export function verdictOfSides(verdict: Verdict, first: Side, model: string): OrderVerdict {
  const second = otherSide(first)
  const { A, B } = { A: first, B: second } satisfies Record<Letter, Side>
  const sideOf = { A, B, tie: 'tie' } as const
  const scores = Object.entries(verdict.scores).map(([name, given]) => [
    name,
    { [first]: given.A, [second]: given.B },
  ])
  return {
    first,
    preferred: sideOf[verdict.preferred],
    certainty: verdict.certainty,
    scores: Object.fromEntries(scores) as OrderVerdict['scores'],
    why: verdict.why,
    model,
  }
}

export function otherSide(side: Side): Side {
  return side === 'ours' ? 'baseline' : 'ours'
}

/** Returns a paper's verdicts as one. */
export function judgedPair(arxivId: string, orders: OrderVerdict[]): JudgedPair {
  const [one, other] = orders
  const agreed = one !== undefined && one.preferred === other?.preferred ? one.preferred : 'tie'
  return { arxiv_id: arxivId, preferred: agreed === 'tie' ? 'split' : agreed, orders }
}

/** Returns how the two sides compare: share of papers that each is preferred for, then the mean of each criterion over both orders. */
export function pairedMeasures(pairs: readonly JudgedPair[]): PairedMeasure[] {
  const isFor = (side: Side) => pairs.map(({ preferred }) => (preferred === side ? 1 : 0))
  const preferred = measure('preferred', isFor('baseline'), isFor('ours'))
  const criteria = CRITERIA.flatMap((name) => {
    const scored = pairs.flatMap(({ orders }) => {
      const scores = orders.flatMap(({ scores: given }) => given[name] ?? [])
      if (scores.length < SIDES.length) return []
      return [
        { baseline: meanOf(scores.map((one) => one.baseline)), ours: meanOf(scores.map((one) => one.ours)) },
      ]
    })
    if (scored.length === 0) return []
    return [
      measure(
        name,
        scored.map((one) => one.baseline),
        scored.map((one) => one.ours),
      ),
    ]
  })
  return pairs.length === 0 ? [] : [preferred, ...criteria]
}

/** Returns how often place decided instead of the report. */
export function positionOf(pairs: readonly JudgedPair[]): JudgePosition {
  const places = pairs.map(({ orders }) =>
    orders.map(({ first, preferred }) =>
      preferred === 'tie' ? 'tie' : preferred === first ? 'first' : 'second',
    ),
  )
  const count = (place: string): number => places.flat().filter((one) => one === place).length
  const always = (place: string): number[] => places.map((own) => (own.every((one) => one === place) ? 1 : 0))
  const { p } = pairedTest(always('second'), always('first'))
  return { first: count('first'), second: count('second'), tie: count('tie'), p }
}

function measure(name: string, baseline: readonly number[], ours: readonly number[]): PairedMeasure {
  return { measure: name, mean: meanOf(ours), baseline_mean: meanOf(baseline), ...pairedTest(baseline, ours) }
}

/** Returns the mean of numbers, of which there is one at least. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}
