import { derivedFrom } from './derived.js'
import type { Said } from './said-ops.js'
import type { PaperIndex, Place } from '../paper/paper-index.js'
import { isYear, type ReadNumber } from '../numbers/numbers.js'
import { keyOf } from '../numbers/plain-numbers.js'
import { compareUnits, isNamed, POINTS, type Unit } from '../numbers/units.js'

export type Verdict = 'supported' | 'derived' | 'elsewhere' | 'missing'

/** What became of one fact, and where else it stands or why it is wrong. */
export interface Found {
  verdict: Verdict
  why: string
}

const LOWER = /\b(?:decreas|drop|reduc|los[est]|declin|fell|fall|minus|negativ|degrad|deficit|worse|lower)/i
const GAIN =
  /\b(?:improv|gain|increas|decreas|drop|reduc|ris|rose|fall|fell|higher|lower|better|worse|margin|differ|exceed|outperform|surpass|beat|ahead|absolute)/i
const ABOUT =
  /(?:\b(?:about|around|roughly|approximately|approx\.|nearly|almost|some|over|more than|less than|under|above|below|up to|near|within|at least|at most|close to)|[~≈∼<>≤≥])\s*[-+]?$/i

/**
 * Looks a number up where it claims to stand.
 *
 * @param pages the pages claimed; null: none, and the whole paper will do.
 */
export function locate(
  index: PaperIndex,
  number: ReadNumber,
  pages: ReadonlySet<number> | null,
  said: Said,
): Found {
  const { statement } = said
  const here = fittingPlaces(index, number, statement, pages)
  if (here.fits) return { verdict: 'supported', why: '' }
  const mayBeComputed = number.sign >= 0 || said.head !== '' || LOWER.test(statement)
  const about = ABOUT.test(statement.slice(Math.max(0, number.at - 30), number.at))
  if (mayBeComputed && derivedFrom(number, said, { index, pages, isElse: here.why !== '' }, about))
    return { verdict: 'derived', why: '' }
  if (pages === null) return { verdict: 'missing', why: here.why }
  const anywhere = fittingPlaces(index, number, statement, null)
  if (!anywhere.fits) return { verdict: 'missing', why: here.why || anywhere.why }
  return isYear(number) ? { verdict: 'supported', why: '' } : { verdict: 'elsewhere', why: anywhere.why }
}

function fittingPlaces(
  index: PaperIndex,
  number: ReadNumber,
  statement: string,
  pages: ReadonlySet<number> | null,
): { fits: boolean; why: string } {
  let why = ''
  let open: number | null = null
  let isHard = false
  for (const key of number.keys) {
    const byPage = index.numbers.get(key)
    if (byPage === undefined) continue
    for (const page of pages ?? byPage.keys()) {
      for (const place of byPage.get(page) ?? []) {
        const odds = oddsOf(index, number, place, key, statement)
        if (odds === '') return fitting(pages, page)
        if (odds === null) open ??= page
        else if (place.number.role !== 'name') {
          why = odds
          isHard ||= place.number.limit !== '' && odds.startsWith(SAYS)
        }
      }
    }
  }
  // Where the paper gives the number another unit, one without a unit is hardly the one that is meant.
  if (open !== null && (why === '' || !(isHard || isSpecific(number)))) return fitting(pages, open)
  if (why !== '') return { fits: false, why }
  if (number.spelled) return { fits: false, why: '' }
  for (const page of pages ?? index.mended.keys()) {
    if (number.keys.some((key) => index.mended.get(page)?.has(key) === true)) return fitting(pages, page)
  }
  return { fits: false, why: '' }
}

function fitting(pages: ReadonlySet<number> | null, page: number): { fits: true; why: string } {
  return { fits: true, why: pages === null && page > 0 ? `it stands on p. ${page}` : '' }
}

function isSpecific({ unit }: ReadNumber): boolean {
  return unit !== null && isHard(unit)
}

const SAYS = 'the paper says '
/** How the reason begins for a number that the paper has with another unit. */
export const UNIT_DIFFERS = 'the unit differs: '

/** What speaks against a number being the one of this place: '' if nothing does, null if its unit cannot be told. */
function oddsOf(
  index: PaperIndex,
  number: ReadNumber,
  place: Place,
  key: string,
  statement: string,
): string | null {
  const there = place.number
  const [one, other] = [effective(number, key), effective(there, key)]
  const match = compareUnits(one, other)
  if (match === 'other' && !isGainInPercent(index, place, one, other) && !isCountedAs(one, there))
    return `${UNIT_DIFFERS}the paper has ${there.text.trim()}`
  if (one !== null && other === null && isHard(one) && !mayHaveUnit(index, place, one))
    return `${UNIT_DIFFERS}the paper names no ${one.name} there`
  if (number.sign < 0 && there.sign >= 0 && !LOWER.test(nearby(index, place)))
    return `the paper has ${there.text.trim()} without a minus`
  if (number.sign >= 0 && there.sign < 0 && !LOWER.test(statement))
    return `the paper has ${there.text.trim()}`
  if (number.limit !== '' && there.limit !== '' && number.limit !== there.limit)
    return `${SAYS}${there.limit} ${there.text.trim()}`
  if (match === 'open') return isScaled(number, key) ? '' : null
  return number.limit !== '' && there.limit === '' ? null : ''
}

function isHard({ kind }: Unit): boolean {
  return kind === 'measure' || kind === 'scale' || kind === 'share'
}

/** Whether a number without a unit may have this one: in a table its head may say so, in running text the sentence does. */
function mayHaveUnit(index: PaperIndex, place: Place, unit: Unit): boolean {
  const text = index.passages[place.passage]?.text ?? ''
  const isRunning = /^[^>]/.test(text) && (text.match(/\d+/g)?.length ?? 0) * 3 < text.split(' ').length
  // What the metrics of a table are printed in everybody knows.
  if (unit.name === '%' && !isRunning && place.number.value <= 100) return true
  if (!index.names(unit)) return false
  return !isRunning || isNamed(unit, text)
}

/** The paper may count by two nouns at once: `100 batch updates`. */
function isCountedAs(unit: Unit | null, { unit: other, text }: ReadNumber): boolean {
  return unit?.kind === 'count' && other?.kind === 'count' && isNamed(unit, text)
}

/** Papers print gains as per cent that are percentage points, and writers who see it say so. */
function isGainInPercent(index: PaperIndex, place: Place, one: Unit | null, other: Unit | null): boolean {
  return one?.name === POINTS.name && other?.name === '%' && GAIN.test(nearby(index, place, 60))
}

/** A scale that was worked in: `20k` found as 20000. */
function isScaled(number: ReadNumber, key: string): boolean {
  return number.unit?.kind === 'scale' && keyOf(number.value) !== key
}

function nearby(index: PaperIndex, { passage, number }: Place, before = 40): string {
  return index.passages[passage]?.text.slice(Math.max(0, number.at - before), number.end + 25) ?? ''
}

/** The unit that is left when the key has taken up the scale: `1.2M` found as 1200000 is a bare number. */
function effective(number: ReadNumber, key: string): ReadNumber['unit'] {
  const { unit } = number
  if (unit === null || (unit.kind !== 'scale' && unit.kind !== 'share')) return unit
  return keyOf(number.value) === key ? unit : null
}
