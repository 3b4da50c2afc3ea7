import { NO_OPS, type Ops } from './combine.js'
import type { ReadNumber } from '../numbers/numbers.js'

/** Words of a statement that says it computed something. */
const COMPUTED =
  /\b(?:inference|inferred|comput\w*|calculat\w*|differ\w*|differs|gap|gain\w*|ratio|factor|times|fold|points?|pp|sum\w*|total\w*|together|combined|adds? up|increase\w*|decrease\w*|drop\w*|rise\w*|rose|fall\w*|fell|reduc\w*|improv\w*|margin|more|fewer|less|higher|lower|larger|smaller|faster|slower|double\w*|half|average|mean|share|of which|remaining|relative\w*|absolute|equals?|amounts?|implies|better|worse|ahead|behind|against|vs\.?|versus|lead|twice|advantage|in all|each|makes?|gives?|leaves?|left|per|would|hence|so|lose[sd]?|worth|contrast|excess|apart|above|below|change\w*|bring\w*)\b|=|×|Δ/i
/** The statement that a number stands in. */
export interface Said {
  statement: string
  /** Of a row of a table, the row at its head; '' else. */
  head: string
  /** Of the paper: it names the system that a statement often means without naming it. */
  title: string
  /** What the statement itself says, and stands beside it in a table. */
  others: readonly ReadNumber[]
  /** Whether the statement only repeats a sentence of the paper, and so computes nothing. */
  repeated: () => boolean
}

/** Returns whether a statement says that it works something out. */
export function isComputing({ statement, head }: Said): boolean {
  return head !== '' || COMPUTED.test(statement)
}

const GAP =
  /\b(?:by|los[est]|gain|add|differ|gap|worth|ris[ei]|rose|fall|fell|drop|reduc|increas|decreas|improv|lead|ahead|behind|margin|excess|contrast|apart|short|left|leave|remain|more|less|fewer|better|worse|higher|lower|larger|smaller|greater|above|below|bring|buy|cost|distance|closer|between|chang|minus)/i
const RATIO =
  /\b(?:times|fold|factor|ratio|per\b|each|every\b|twice|half|divided|a (?:second|step|day|user|query|paper|class|image|item)|an? \p{L}+$)/iu
const SUM = /\b(?:sum|total|together|in all|altogether|combined|add up|makes?|give|up to|and so)/i
const MEAN = /\b(?:average|mean)/i

/**
 * Returns what the words around a number and its unit say of how it was worked out, null where they say nothing; a number that is told
 * together with another ("7.9 points there and 2.4 here") is worked out as that one.
 */
export function saidOps(number: ReadNumber, said: Said): Ops | null {
  const own = ownOps(number, said)
  if (own !== null || said.head !== '' || number.unit !== null) return own
  const before = said.others.findLast(({ end }) => end >= 0 && end <= number.at)
  const after = said.others.find(({ at }) => at >= number.end)
  if (after !== undefined && JOINED.test(said.statement.slice(number.end, after.at)))
    return ownOps(after, said)
  return before !== undefined && LISTED.test(said.statement.slice(before.end, number.at))
    ? ownOps(before, said)
    : null
}

const JOINED = /^ (?:and|or|to) $/
const LISTED = /^(?=.{0,70}$)[^.;:!?]*(?:\b(?:and|or|but)\b|,)[^.;:!?]*$/

/** What the words around a number and its unit say of how it was worked out; null where they say nothing. */
function ownOps({ unit, at, end }: ReadNumber, { statement, head }: Said): Ops | null {
  const around =
    head === '' ? wordsBeside(statement, at, end) : (headCell(head, statement.slice(0, at)) ?? '')
  const [gap, ratio, sum, mean] = [GAP, RATIO, SUM, MEAN].map((words) => words.test(around))
  const [isTimes, isPoint, isShare] = [
    unit?.kind === 'times',
    unit?.name === 'percentage point' || unit?.name === 'point',
    unit?.name === '%',
  ]
  if (isTimes) return { ...NO_OPS, ratio: true }
  if (isPoint) return { ...NO_OPS, difference: true, sum: sum === true, mean: mean === true }
  if (isShare)
    return { ...NO_OPS, share: true, difference: gap === true, mean: mean === true, sum: sum === true }
  if (gap !== true && ratio !== true && sum !== true && mean !== true) return null
  return {
    difference: gap === true,
    sum: sum === true,
    mean: mean === true,
    ratio: ratio === true || mean === true,
    share: false,
    product: sum === true || ratio === true,
  }
}

/** What stands right before and behind a number in its clause. */
function wordsBeside(statement: string, at: number, end: number): string {
  const before = statement
    .slice(Math.max(0, at - 48), at)
    .split(/[.;:!?] /)
    .at(-1)
  return `${before} # ${statement.slice(end, end + 32).split(/[.;:!?] /)[0]}`
}

/** The head of the column in which a number stands. */
function headCell(head: string, before: string): string | undefined {
  return head.split('|')[before.slice(before.lastIndexOf('\n') + 1).split('|').length - 1]
}
