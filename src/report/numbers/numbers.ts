import { keyOf, mendedKeys, plainNumbers } from './plain-numbers.js'
import { POINTS, unitOf, type Unit } from './units.js'

export interface ReadNumber {
  /** As it stands in the text, unit included. */
  text: string
  /** Where it begins and ends in the text given to `readNumbers`. */
  at: number
  end: number
  /** As printed, without scale, percent sign and sign. */
  value: number
  /** Digits after the decimal point. */
  decimals: number
  /** Values it may stand for, as keys: `95.2%` is 95.2 and 0.952, `1.2M` is 1.2 and 1200000. */
  keys: string[]
  /** -1 or 1 where a sign is printed, else 0. */
  sign: -1 | 0 | 1
  unit: Unit | null
  /** `<`, `>` or `=` before it, as in `p < 0.05` and `n = 20`. */
  relation: string
  /** `<` or `>` where a sign or words ("less than", "at least") say on which side of it the quantity lies. */
  limit: '<' | '>' | ''
  /** What it is good for: a `claim` measures or counts something; a `plain` integer may; a `label` names a table, a section, a version; a `name` is part of one (`GPT-4`). */
  role: 'claim' | 'plain' | 'label' | 'name'
  /** Written as a word. */
  spelled: boolean
}

/** Words before a number that make it a label, not a measurement. */
const LABEL =
  /(?:\b(?:sections?|secs?\.?|tables?|tab\.|figures?|figs?\.?|appendix|appendices|eqs?\.?|eqns?\.?|equations?|algorithms?|alg\.|theorems?|lemmas?|propositions?|corollar(?:y|ies)|remarks?|definitions?|chapters?|versions?|references?|refs?\.?|citations?|v\.?|pages?|pp?\.|footnotes?|items?)|§+|arxiv[:\s]?)\s*\(?(?:\d+(?:\.\d+)*[a-z]?(?:\s?(?:,|-|and|or|&)\s?)+)*$/i
/** The letter of an appendix before the number of its section: `A.1`. */
const SECTION_LETTER = /(?<![\p{L}\p{N}.’'-])(?<!\p{Lu}\. ?)\p{Lu}\.$/u
/** Words before an integer that make it a setting: `batch size of 4`, `rank 8`, `layers: 12`. */
const SETTING =
  /\b(?:batch(?: ?sizes?)?|sizes?|layers?|heads?|ranks?|depths?|widths?|dim(?:ension)?s?|seeds?|steps?|epochs?|iterations?|rates?|rounds?|folds?|windows?|lengths?|strides?|kernels?|beams?|temperatures?|dropout|momentum|decay|warm-?up|clip(?:ping)?|limit(?:ed to)?|thresholds?|budget|top|total(?: of)?|score|accuracy|recall|precision|factor(?: of)?|degree|order|number of \p{L}+)(?: (?:of|is|was|to|at|from|=)| ?[:=])? ?$/iu
const NUMBER =
  /(?<![\p{L}\p{N}_^#@])(?<!\d\.)(\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(?!\.?\d)(?:\s?[×x*·]\s?10\s?\^?\s?(-?\d+(?:\.\d+)?)(?![\d.]*\d)|e([-+]?\d+)(?!\p{L})|\^(-?\d+(?:\.\d+)?))?/giu
const NEXT_WORD = /^(\s?[-\s]?)(%|°\p{L}?|[\p{L}×µμ]+)/u
/** A counted noun may stand behind words that describe it: `8 NVIDIA H100 GPUs`. */
const DESCRIBED = /^(?:[\s-][\p{L}\d][\p{L}\d-]{0,20}){1,3}/u
const CLOSED =
  /^(?:and|or|of|in|on|at|to|for|with|by|from|as|is|are|was|were|the|a|an|per|than|versus|vs|that|which|but|when|while|over|under|after|against|respectively)$/i
const SMALL = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ') // prettier-ignore
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const SPELLED = new RegExp(
  String.raw`\b(?<!-)(?:(${TENS.join('|')})(?:-(${SMALL.slice(1, 10).join('|')}))?|(${SMALL.join('|')}|a(?= (?:hundred|thousand|million|dozen))|dozen))(?: (hundred|thousand|million|dozen))?\b`,
  'gi',
)

/** Returns the numbers of a text that was set by `plainNumbers`, those written as words too, in order; those that label or name something are marked. */
export function readNumbers(text: string): ReadNumber[] {
  const found: ReadNumber[] = []
  if (/\d/.test(text)) for (const match of text.matchAll(NUMBER)) found.push(readDigits(text, match))
  const digits = found.length
  for (const match of text.matchAll(SPELLED)) {
    const number = readSpelled(text, match)
    if (number !== null) found.push(number)
  }
  return found.length === digits ? found : found.sort((one, other) => one.at - other.at)
}

function readDigits(text: string, match: RegExpExecArray): ReadNumber {
  const [whole, digits = '', power, exponent, caret] = match
  const at = match.index
  const after = unitBehind(text, at + whole.length)
  const plain = Number(digits)
  const value =
    power !== undefined
      ? plain * 10 ** Number(power)
      : exponent !== undefined
        ? plain * 10 ** Number(exponent)
        : caret !== undefined
          ? plain ** Number(caret)
          : plain
  const isPower = power !== undefined || exponent !== undefined || caret !== undefined
  const before = text.slice(Math.max(0, at - 40), at)
  const decimals = isPower ? 0 : digits.length - 1 - digits.indexOf('.')
  const [, relation = ''] = /([<>=≤≥≈~])\s?[-+]?$/u.exec(before) ?? []
  const touched = /[-+]$/.exec(before)
  const sign =
    touched !== null && /(?:^|[\s(|=,<>~±:[/"'≈≤≥])[-+]$/u.test(before) ? (touched[0] === '-' ? -1 : 1) : 0
  const claims =
    digits.includes('.') ||
    digits.length > 4 ||
    isPower ||
    after.unit !== null ||
    relation !== '' ||
    SETTING.test(before)
  const keys = [
    value,
    ...(caret?.startsWith('-') === false ? [Number(digits + caret)] : []),
    ...scaled(value, after.unit),
  ]
  return {
    text: `${sign === -1 ? '-' : ''}${text.slice(at, after.near)}`,
    at,
    end: after.near,
    value,
    decimals: digits.includes('.') ? decimals : 0,
    keys: [...new Set(keys.map(keyOf))],
    sign,
    unit: after.unit,
    relation: relation === '≤' ? '<' : relation === '≥' ? '>' : /[~≈]/.test(relation) ? '' : relation,
    limit:
      /[<≤]/.test(relation) || LESS.test(before)
        ? '<'
        : /[>≥]/.test(relation) || MORE.test(before)
          ? '>'
          : '',
    role: roleOf(before, digits, claims),
    spelled: false,
  }
}

function roleOf(before: string, digits: string, claims: boolean): ReadNumber['role'] {
  if (LABEL.test(before) || SECTION_LETTER.test(before) || /^\d{4}\.\d{4,5}$/.test(digits)) return 'label'
  if (isName(before)) return 'name'
  return claims ? 'claim' : 'plain'
}

/** Whether letters touch the number from before: `GPT-4`, `Qwen2.5-7b`, `top-5`. */
function isName(before: string): boolean {
  const last = before.charCodeAt(before.length - 1)
  // Most numbers stand behind a blank or a bracket.
  if (before === '' || last === 32 || last === 40) return false
  const token = /[\p{L}\p{N}._/-]+$/u.exec(before)?.[0] ?? ''
  return token.length > 1 && /\p{L}/u.test(token) && !/[./]$/.test(token)
}

function readSpelled(text: string, match: RegExpExecArray): ReadNumber | null {
  const [whole, ten, one, small = '', scale] = match
  const lower = small.toLowerCase()
  const least = (lower === 'a' && scale === undefined) || whole.toLowerCase() === 'one'
  if (least) return null
  const base =
    ten !== undefined
      ? (TENS.indexOf(ten.toLowerCase()) + 2) * 10 +
        (one === undefined ? 0 : SMALL.indexOf(one.toLowerCase()))
      : lower === 'a'
        ? 1
        : lower === 'dozen'
          ? 12
          : SMALL.indexOf(lower)
  const factor = { hundred: 100, thousand: 1e3, million: 1e6, dozen: 12 }[scale?.toLowerCase() ?? ''] ?? 1
  const end = match.index + whole.length
  const { unit, near } = unitAfter(text, end)
  return {
    text: text.slice(match.index, near),
    at: match.index,
    end: near,
    value: base * factor,
    decimals: 0,
    keys: [keyOf(base * factor)],
    sign: 0,
    unit,
    relation: '',
    limit: '',
    role: unit === null || near > end + 20 ? 'plain' : 'claim',
    spelled: true,
  }
}

const LESS = /\b(?:less|fewer|smaller|lower|shorter|younger) than $|\b(?:below|at most|no more than) $/i
const MORE =
  /\b(?<!no )(?:more|greater|larger|higher|longer|older) than $|\b(?:above|at least|exceed(?:s|ed|ing)?|no less than) $/i
const RANGE = /^\s?(?:-|±|to|and|or)\s?\d+(?:\.\d+)?(?=[\s\p{L}%°-])/u

/** The unit that follows a number or the range that it begins: `10 ± 4 meters`, `60-135 s`. */
function unitBehind(text: string, from: number): { unit: Unit | null; near: number } {
  const range = RANGE.exec(text.slice(from, from + 20))
  if (range === null) return unitAfter(text, from)
  const isList = /and|or/.test(range[0])
  const { unit } = unitAfter(text, from + range[0].length)
  return { unit: isList && unit?.kind === 'count' ? null : unit, near: from }
}

/** The unit that follows a number, and where it ends. */
function unitAfter(text: string, from: number): { unit: Unit | null; near: number } {
  const next = text.slice(from, from + 70)
  const word = NEXT_WORD.exec(next)
  if (word === null) return { unit: null, near: from }
  const [whole, gap = '', name = ''] = word
  const isProduct =
    /^[x×]$/i.test(name) && /^\s?\d/.test(text.slice(from + whole.length, from + whole.length + 2))
  const unit = isProduct ? null : unitOf(name, gap === '')
  const near = from + whole.length
  if (unit?.kind === 'scale' || unit?.kind === 'share') {
    // "12 million parameters", "5 percentage points": the scale decides.
    const point = unit.kind === 'share' ? /^[\s-]points?/.exec(text.slice(near, near + 8)) : null
    return point === null ? { unit, near } : { unit: POINTS, near: near + point[0].length }
  }
  if (unit !== null && unit.kind !== 'count') return { unit, near }
  return countedAfter(next, from, gap) ?? { unit, near: unit === null ? from : near }
}

/** The last of the nouns that follow: `200 query-paper pairs` are pairs. */
function countedAfter(next: string, from: number, gap: string): { unit: Unit; near: number } | null {
  const words = gap === '' ? null : DESCRIBED.exec(next)
  let found: { unit: Unit; near: number } | null = null
  for (const part of words?.[0].matchAll(/[\s-]([\p{L}\d]+)/gu) ?? []) {
    const noun = part[1] ?? ''
    if (CLOSED.test(noun) || /^\d/.test(noun)) break
    const unit = unitOf(noun, false)
    if (unit?.kind === 'count') found = { unit, near: from + part.index + part[0].length }
  }
  return found
}

/** Other values that a number with this unit may stand for. */
function scaled(value: number, unit: Unit | null): number[] {
  if (unit?.name === '%') return [value / 100]
  return unit?.kind === 'scale' ? [value * unit.factor] : []
}

/** Returns the numbers of a text, as it was written, that measure or count something, in order; the offsets are those of its plain form. */
export function claimedNumbers(text: string): ReadNumber[] {
  return readNumbers(plainNumbers(text)).filter(({ role, spelled }) => role === 'claim' && !spelled)
}

/** Returns the keys of every value that a text holds, however it is set. */
export function numberKeys(text: string): Set<string> {
  const plain = plainNumbers(text)
  return new Set([...mendedKeys(plain), ...readNumbers(plain).flatMap(({ keys }) => keys)])
}

/** Returns whether a number is a year, which belongs to a name (`ICLR 2023`) and may be told on any page. */
export function isYear({ value, unit, decimals }: ReadNumber): boolean {
  return decimals === 0 && unit === null && value >= 1900 && value < 2100
}

/** Returns how many digits of a number tell something, as it is printed; the zeros at the end of an integer do not. */
export function significantDigits({ value, decimals }: ReadNumber): number {
  const digits = value.toFixed(decimals).replace('.', '').replace(/^0+/, '')
  return decimals > 0 ? digits.length : digits.replace(/0+$/, '').length
}
