import { readArxivId, type ArxivId } from '../core/arxiv-id.js'
import { RpaError } from '../core/errors.js'
import { isObject, type JsonObject } from '../core/json.js'
import {
  RecordError,
  type ImportedPaper,
  type MetadataFormat,
  type RecordScanner,
  type Sample,
} from './import-types.js'
import { arrayScanner, lineScanner } from './json-records.js'
import { categoryList, oneLine } from './papers.js'

/** arXiv's metadata as Kaggle distributes it: one JSON object a line. */
export const kaggleLines: MetadataFormat = {
  name: 'kaggle-lines',
  accepts: (sample) => startsWith(sample, '{') && looksLikeArxiv(sample, lineScanner()),
  scanner: lineScanner,
  parse: parseKaggle,
}

/** The same records in one JSON array. */
export const kaggleArray: MetadataFormat = {
  name: 'kaggle-array',
  accepts: (sample) => startsWith(sample, '[') && looksLikeArxiv(sample, arrayScanner()),
  scanner: arrayScanner,
  parse: parseKaggle,
}

/** Returns the JSON objects that can be read off the beginning of a file. */
export function sampleObjects(sample: Sample, scanner: RecordScanner): JsonObject[] {
  const records = [...scanner.push(sample.bytes), ...(sample.whole ? scanner.end() : [])]
  return records.flatMap((record) => {
    if (!('text' in record)) return []
    try {
      const value: unknown = JSON.parse(record.text)
      return isObject(value) ? [value] : []
    } catch {
      return []
    }
  })
}

function startsWith(sample: Sample, char: string): boolean {
  return sample.bytes
    .subarray(0, 4096)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith(char)
}

/** A dump whose first records happen to be broken is one all the same, so any of the records will do. */
function looksLikeArxiv(sample: Sample, scanner: RecordScanner): boolean {
  return sampleObjects(sample, scanner).some((one) => 'id' in one && 'title' in one && 'abstract' in one)
}

/**
 * Returns the paper of one record. Its version is the last of `versions` (objects, or names alone), published with the
 * first of them; a record without versions has the one its id names, else counts as version 1 and its PDF address names
 * none; when it was published is then unknown.
 * Throws RecordError for broken JSON and for records without a valid id, a title or an abstract.
 */
export function parseKaggle(text: string): ImportedPaper {
  const record = parseObject(text)
  const { base: id, version: named } = idOf(record)
  const title = requiredText(record, 'title', id)
  const abstract = requiredText(record, 'abstract', id)
  const versions = versionsOf(record.versions, id)
  const last = versions.at(-1) ?? (named === null ? undefined : { version: named, created: null })
  const categories = categoryList(
    Array.isArray(record.categories) ? record.categories.join(' ') : textOf(record.categories),
  )
  return {
    arxiv_id: id,
    version: last?.version ?? 1,
    title,
    abstract,
    authors: textOf(record.authors) ?? authorNames(record.authors_parsed),
    categories: categories.join(' '),
    primary_category: categories[0] ?? null,
    published_at: versions[0]?.created ?? null,
    updated_at: last?.created ?? isoOf(textOf(record.update_date)),
    pdf_url: `https://export.arxiv.org/pdf/${id}${last === undefined ? '' : `v${last.version}`}`,
    doi: textOf(record.doi),
    journal_ref: textOf(record['journal-ref']),
    comment: textOf(record.comments),
  }
}

function idOf(record: JsonObject): ArxivId {
  try {
    return readArxivId(record.id)
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    throw new RecordError(`no arXiv id: ${JSON.stringify(record.id ?? null).slice(0, 60)}`, { cause: error })
  }
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RecordError(error instanceof Error ? error.message : 'no JSON', { cause: error })
  }
  if (!isObject(value)) throw new RecordError('not a JSON object')
  return value
}

function requiredText(record: JsonObject, key: string, id: string): string {
  const value = record[key]
  if (typeof value !== 'string') throw new RecordError(`${id} has no ${key}`)
  const text = oneLine(value)
  if (key === 'title' && text === '') throw new RecordError(`${id} has an empty title`)
  return text
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = oneLine(value)
  return text === '' ? null : text
}

interface Version {
  version: number
  created: string | null
}

function versionsOf(value: unknown, id: string): Version[] {
  if (!Array.isArray(value)) return []
  const versions = value.map((entry): Version => {
    const name: unknown = isObject(entry) ? entry.version : entry
    const match = /^v?([1-9]\d{0,2})$/.exec(typeof name === 'string' ? name : '')
    if (match === null) throw new RecordError(`${id} has a version without number`)
    return { version: Number(match[1]), created: isObject(entry) ? isoOf(textOf(entry.created)) : null }
  })
  return versions.sort((a, b) => a.version - b.version)
}

/** `Mon, 2 Apr 2007 19:18:42 GMT` (RFC 822) or `2008-11-26` → ISO text with `Z`; null for anything else. */
function isoOf(text: string | null): string | null {
  const moment = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(moment) ? null : new Date(moment).toISOString().replace('.000Z', 'Z')
}

/** `[["Yuan", "C. -P.", ""]]` → `C. -P. Yuan`. */
function authorNames(value: unknown): string {
  if (!Array.isArray(value)) return ''
  const names = value.map((parts) => {
    const [last, first, suffix] = Array.isArray(parts) ? (parts as unknown[]).map(textOf) : []
    return [first, last, suffix].filter(Boolean).join(' ')
  })
  return names.filter((name) => name !== '').join(', ')
}
