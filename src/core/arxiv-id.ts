import { RpaError } from './errors.js'

export interface ArxivId {
  /** The id with its version if one was given. */
  full: string
  /** Without version. */
  base: string
  /** `v2` → 2; null if none was given. */
  version: number | null
}

/** What a hint says of ids, one sentence. */
export const ARXIV_ID_FORMS =
  'Ids look like 2401.01234, arXiv:2401.01234v2, hep-th/9901001 or https://arxiv.org/abs/2401.01234.'

/** `2401.01234v2` since 2007-04 (four digits after the dot until 2014-12); `0000.` is free for samples. */
const NEW_ID = /^(\d{4}\.\d{4,5})(?:v([1-9]\d{0,2}))?$/
/** `hep-th/9901001`, `math.GT/0309136v1` before that. */
const OLD_ID = /^([a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?\/\d{7})(?:v([1-9]\d{0,2}))?$/
/** `local:` and the beginning of the SHA-256 of a PDF that was seeded itself. */
const LOCAL_ID = /^local:[0-9a-f]{16}$/

/** Returns the id of a paper that is known by its file alone: the same bytes have the same one, wherever they lie. */
export function localId(sha256: string): string {
  return `local:${sha256.slice(0, 16)}`
}

/** Returns whether an id is that of a PDF that was seeded itself: arXiv knows nothing of it. */
export function isLocalId(id: string): boolean {
  return LOCAL_ID.test(id)
}

/**
 * Returns the parts of an arXiv identifier as we store it (https://info.arxiv.org/help/arxiv_identifier.html), or of the id
 * of a PDF that was seeded itself. Throws RpaError `bad_arxiv_id` for everything else, so that an id is safe in paths and
 * URLs. What people and files give is read by `readArxivId`.
 */
export function parseArxivId(text: string): ArxivId {
  if (isLocalId(text)) return { full: text, base: text, version: null }
  const match = NEW_ID.exec(text) ?? OLD_ID.exec(text)
  if (match === null) throw noArxivId(text)
  return { full: text, base: match[1]!, version: match[2] === undefined ? null : Number(match[2]) }
}

/** Returns the id as a file name without extension: `/` and `:` as `_`. Throws RpaError `bad_arxiv_id`. */
export function fileStem(id: string): string {
  return parseArxivId(id).full.replace(/[/:]/, '_')
}

/**
 * Returns the id that somebody gives, however it is written: bare, `arXiv:1706.03762v2 [cs.CL]`, the address of its page,
 * PDF or HTML on any arxiv.org host, its DOI (10.48550/arXiv.…), an OAI identifier, the name of its PDF, with an old
 * subject class (`math.GT/0309136` is `math/0309136`), full-width or with invisible letters, with punctuation behind it,
 * or as a number that has lost its zeros (704.0001 is 0704.0001, 1706.376 is 1706.37600: a month and a year say how
 * many digits there were); or that of a PDF that was seeded itself, also as part of a file's name (`local_…`). Throws
 * RpaError `bad_arxiv_id`.
 */
export function readArxivId(given: unknown): ArxivId {
  const text = typeof given === 'number' ? String(given) : given
  const id = typeof text === 'string' ? digitsIn(text) : null
  if (id === null || falseMonth(id) !== null) throw noArxivId(text)
  return id
}

/** Returns the id that a text is, whatever its month. */
function digitsIn(text: string): ArxivId | null {
  const bare = text.length <= LONGEST ? withoutDress(text) : ''
  return newId(bare) ?? oldId(bare) ?? ownId(bare)
}

/** Returns what is wrong with a text that looks like an id and is none, for the end of a sentence; null: it does not look like one. */
export function faultOfId(text: string): string | null {
  const id = digitsIn(text)
  const month = id === null ? null : falseMonth(id)
  return month === null ? null : `its digits begin with year and month, and there is no month ${month}`
}

/** Returns the month in an id that no year has, null where there is none: `1799.12345` and `hep-th/9913001` are no papers. */
function falseMonth({ base }: ArxivId): string | null {
  const [, year, month] = /^(?:[a-z.-]+\/)?(\d\d)(\d\d)/i.exec(base) ?? []
  // `0000.` is free for samples.
  if (year === undefined || month === undefined || year + month === '0000') return null
  return Number(month) >= 1 && Number(month) <= 12 ? null : month
}

/** Returns the id without its version as `readArxivId` reads it, null where none is given. */
export function arxivIdOf(given: unknown): string | null {
  try {
    return readArxivId(given).base
  } catch (error) {
    if (error instanceof RpaError) return null
    throw error
  }
}

/**
 * Returns where ids of a paper from before 2007-04 are found that were stored with a subject class: texts above `after`
 * and below `before` (in code-unit order) that end in `ending`. Null for other ids.
 */
export function classSpellings(base: string): { after: string; before: string; ending: string } | null {
  const [archive, number] = base.split('/')
  if (archive === undefined || number === undefined || archive.includes('.')) return null
  return { after: `${archive}.`, before: `${archive}/`, ending: `/${number}` }
}

/** No address of a paper comes near. */
const LONGEST = 500

/** What stands around an id: a scheme, a host, a path, a suffix, quotes and punctuation. */
function withoutDress(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\p{Pd}|\u2212/gu, '-')
    .replace(/^[\s<([{"'“‘«]+|[\s>)\]}"'”’».,;:!?]+$/gu, '')
    .replace(/\s*\[[a-z.-]+(?:\]\s+\d{1,2}\s+[a-z]{3,9}\s+\d{4})?$/i, '')
  const address = ADDRESS.exec(plain)
  const id = address === null ? plain.replace(PREFIX, '') : decoded(address[1] ?? '').replace(/\/+$/, '')
  return id.replace(/\.pdf$/i, '')
}

/** Query and fragment are not part of the id. Others than arXiv show its papers under its ids. */
const ADDRESS =
  /^(?:https?:\/\/)?(?:(?:[\w-]+\.)*(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|xxx\.lanl\.gov)(?::\d+)?\/(?:(?:abs|pdf|html|ps|format|e-print|src|overview)\/)?|(?:www\.)?huggingface\.co\/papers\/|(?:abs|pdf|html)\/)([^?#\s]+)(?:[?#].*)?$/i
const PREFIX =
  /^(?:(?:https?:\/\/)?(?:dx\.)?doi\.org\/|doi:\s*)?(?:10\.48550\/arxiv\.|oai:arxiv\.org:|arxiv[:.]?\s*(?=\S))/i

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const VERSION = /v([1-9]\d{0,2})$/i

function newId(text: string): ArxivId | null {
  const version = VERSION.exec(text)?.[1]
  const base = version === undefined ? text : text.slice(0, -version.length - 1)
  const [, month, number] = /^(\d{1,4})\.(\d{1,5})$/.exec(base) ?? []
  if (month === undefined || number === undefined) return null
  const whole = `${month.padStart(4, '0')}.${number.padEnd(digitsOf(Number(month)), '0')}`
  // Only a month that there was has lost zeros; anything else stands as it was written, or is no id.
  if (whole !== base && !(isMonth(Number(month)) && Number(number) > 0))
    return NEW_ID.test(base) ? idOf(base, version) : null
  return idOf(whole, version)
}

/** `yymm` since the new scheme began. */
function isMonth(month: number): boolean {
  return month >= 704 && month % 100 >= 1 && month % 100 <= 12
}

/** Digits after the dot: four until 2014, five since. */
function digitsOf(month: number): number {
  return month >= 1501 ? 5 : 4
}

/** The subject class was never part of the number: `math.GT/0309136` and `math/0309136` are one paper. */
function oldId(text: string): ArxivId | null {
  const match = /^([a-z]+(?:-[a-z]+)?)(?:\.[a-z]+(?:-[a-z]+)?)?\/(\d{7})(?:v([1-9]\d{0,2}))?$/i.exec(text)
  return match === null ? null : idOf(`${(match[1] ?? '').toLowerCase()}/${match[2] ?? ''}`, match[3])
}

function ownId(text: string): ArxivId | null {
  const digits = /^local[:_]([0-9a-f]{16})$/i.exec(text)?.[1]
  return digits === undefined ? null : idOf(localId(digits.toLowerCase()), undefined)
}

function idOf(base: string, version: string | undefined): ArxivId {
  return {
    full: version === undefined ? base : `${base}v${version}`,
    base,
    version: version === undefined ? null : Number(version),
  }
}

function noArxivId(given: unknown): RpaError {
  const shown = JSON.stringify(typeof given === 'string' ? given.slice(0, 80) : (given ?? null)) ?? 'null'
  const fault = typeof given === 'string' ? faultOfId(given) : null
  const why = fault === null ? '' : `: ${fault}`
  return new RpaError('bad_arxiv_id', `${shown.slice(0, 100)} is not an arXiv id${why}`, {
    hint: ARXIV_ID_FORMS,
  })
}
