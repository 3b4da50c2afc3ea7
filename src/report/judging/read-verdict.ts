import { RpaError } from '../../core/errors.js'
import { withoutThinking } from '../../text/thinking.js'

/** What two reports are compared by, each from 0 to 10. */
export const CRITERIA = [
  'accuracy',
  'coverage',
  'evidence',
  'insight',
  'rebuilding',
  'density',
  'readability',
] as const
export type Criterion = (typeof CRITERIA)[number]

export type Letter = 'A' | 'B'

/** What one answer says of reports A and B. */
export interface Verdict {
  /** Of both reports, those that could be read; at least one. */
  scores: Partial<Record<Criterion, Record<Letter, number>>>
  preferred: Letter | 'tie'
  /** 0 to 1; null where it is not said. */
  certainty: number | null
  why: string | null
}

const LONGEST_WHY = 500
const MOST = 10

/**
 * Returns what a judge's answer says, in whatever dress it says it: lines, a list, a table, JSON, bold or in a fence, one
 * report after the other, A before B or behind it. What comes last counts, as a draft may stand before it.
 *
 * @throws RpaError `judgement_unreadable` where it says of none that it is preferred, nor that they are alike; has no score of
 * both; or one beyond 10.
 */
export function readVerdict(answer: string): Verdict {
  const text = plainText(answer)
  const scores = scoresIn(text)
  const values = Object.values(scores).flatMap(({ A, B }) => [A, B])
  if (values.length === 0) throw unreadable('it has no score of both reports')
  const beyond = values.find((one) => one > MOST)
  if (beyond !== undefined) throw unreadable(`it has a score of ${beyond}, and ${MOST} is the most`)
  const preferred = preferredIn(text)
  if (preferred === null) throw unreadable('it does not say which report it prefers')
  return { scores, preferred, certainty: certaintyIn(text), why: whyIn(text) }
}

function unreadable(why: string): RpaError {
  return new RpaError('judgement_unreadable', `The judge's answer cannot be read: ${why}.`)
}

/** Without marks of Markdown and JSON, and without the scale that is named beside a number. */
function plainText(answer: string): string {
  return withoutThinking(answer)
    .replace(/\r\n?/g, '\n')
    .replace(/\(?\b0\s*(?:-|–|to)\s*10\b\)?|\s*\/\s*10\b(?!\s*%)|\bout of (?:10|ten)\b/gi, (scale) =>
      scale.includes('/') ? '' : ' ',
    )
    .replace(/["'“”*`#>{}[\]|]|_(?=\W)|(?<=\W)_/g, ' ')
    .replace(/[ \t]+/g, ' ')
}

type Token =
  | { kind: 'criterion'; name: Criterion }
  | { kind: 'letter'; letter: Letter }
  | { kind: 'number'; value: number }
  | { kind: 'end' | 'word' }

/** Whatever ends the scores of a criterion: another label. */
const ENDS =
  /^(?:preferred|preference|winner|certainty|confidence|why|reason|rationale|justification|verdict|overall|total)$/i
/** Between a letter and its number: `A scores 8`. */
const BETWEEN = /^(?:is|scores?|gets?|score|has|at|vs|versus|and|report)$/i

function tokensOf(text: string): Token[] {
  const found = text.match(/\breport[ _]?[ab]\b|\d+(?:[.,]\d+)?|[\p{L}][\p{L}\p{M}]*/giu) ?? []
  return found.flatMap((word): Token[] => {
    if (/^\d/.test(word)) return [{ kind: 'number', value: Number(word.replace(',', '.')) }]
    if (/^[AB]$/.test(word) || /^report[ _]?[ab]$/i.test(word))
      return [{ kind: 'letter', letter: word.slice(-1).toUpperCase() as Letter }]
    const name = CRITERIA.find((one) => one === word.toLowerCase())
    if (name !== undefined) return [{ kind: 'criterion', name }]
    return BETWEEN.test(word) ? [] : [{ kind: ENDS.test(word) ? 'end' : 'word' }]
  })
}

/** A letter belongs to the number behind it; one with criteria behind it, to all of them; two in a row are the head of a table. */
function scoresIn(text: string): Verdict['scores'] {
  const tokens = tokensOf(text)
  const scores = new Map<Criterion, Partial<Record<Letter, number>>>()
  let columns: Letter[] = ['A', 'B']
  let section: Letter | null = null
  let criterion: Criterion | null = null
  let left: Letter[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const [token, next] = [tokens[at], tokens[at + 1]]
    if (token === undefined) break
    if (token.kind === 'end') criterion = null
    else if (token.kind === 'criterion') {
      criterion = token.name
      left = section === null ? [...columns] : [section]
    } else if (token.kind === 'letter' && next?.kind === 'letter' && next.letter !== token.letter) {
      columns = [token.letter, next.letter]
      section = null
      at += 1
    } else if (token.kind === 'letter' && next?.kind === 'criterion') section = token.letter
    else if (token.kind === 'letter' && next?.kind === 'number') left = [token.letter]
    else if (token.kind === 'number') {
      const letter = left.shift()
      if (criterion !== null && letter !== undefined)
        scores.set(criterion, { ...scores.get(criterion), [letter]: token.value })
    }
  }
  const whole = [...scores].flatMap(([name, { A, B }]) =>
    A === undefined || B === undefined ? [] : [[name, { A, B }] as const],
  )
  return Object.fromEntries(whole)
}

const CHOICE = String.raw`(?:\b(?:[Rr]eport|REPORT)[ _]?([AaBb])\b|\b([AB])\b|\b([Tt]ie|TIE|[Nn]either|[Ee]qual|[Dd]raw)\b)(?!\s+or\b)`
const LABELLED = new RegExp(
  String.raw`\b(?:[Pp]referred|PREFERRED|[Pp]reference|[Pp]refer|[Ww]inner|[Bb]etter report)\b(?:[^\n]{0,40}?|[\s:=-]{0,8})${CHOICE}`,
  'g',
)
const SAID = /\b(?:[Rr]eport[ _]?([ABab])|([AB])) (?:wins|(?:is|was)(?: the)? (?:preferred|better|winner))\b/g

function preferredIn(text: string): Verdict['preferred'] | null {
  const labelled = [...text.matchAll(LABELLED)].at(-1)
  const choice = labelled?.[1] ?? labelled?.[2]
  if (choice !== undefined) return choice.toUpperCase() as Letter
  if (labelled !== undefined) return 'tie'
  const said = [...text.matchAll(SAID)].at(-1)
  const letter = said?.[1] ?? said?.[2]
  return letter === undefined ? null : (letter.toUpperCase() as Letter)
}

/** As a share, in percent or of ten. */
function certaintyIn(text: string): number | null {
  const [, digits, percent] =
    [...text.matchAll(/\b(?:certainty|confidence)\b[^\n\d.]{0,20}(\d+(?:\.\d+)?|\.\d+)\s*(%)?/gi)].at(-1) ??
    []
  if (digits === undefined) return null
  const value = Number(digits)
  const share = percent !== undefined || value > MOST ? value / 100 : value > 1 ? value / MOST : value
  return share <= 1 ? share : null
}

function whyIn(text: string): string | null {
  const found = [...text.matchAll(/^\W*(?:why|reason|rationale|justification)\b\s*[:=–-]?\s*/gim)].at(-1)
  if (found === undefined) return null
  const why = text
    .slice(found.index + found[0].length)
    .replace(/\s+/g, ' ')
    .trim()
  return why === '' ? null : why.slice(0, LONGEST_WHY)
}
