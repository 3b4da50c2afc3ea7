import { isObject, type JsonObject } from '../../core/json.js'
import { categoryList } from '../papers.js'
import { arrayScanner, lineScanner } from './json-records.js'
import { readingScanner, RecordError, type ImportedPaper, type MetadataFormat } from './types.js'
import type { RecordScanner, Sample } from './types.js'
import { isoOrNull, requireId, textOrNull, versionNumber } from './values.js'
import { isWithdrawal } from './withdrawal.js'

/** arXiv's metadata as Kaggle distributes it: one JSON object a line. */
export const kaggleLines: MetadataFormat = {
  name: 'kaggle-lines',
  accepts: (sample) => startsWith(sample, '{') && looksLikeArxiv(sample, lineScanner()),
  scanner: () => readingScanner(lineScanner(), parseKaggle),
}

/** The same records in one JSON array. */
export const kaggleArray: MetadataFormat = {
  name: 'kaggle-array',
  accepts: (sample) => startsWith(sample, '[') && looksLikeArxiv(sample, arrayScanner()),
  scanner: () => readingScanner(arrayScanner(), parseKaggle),
}

/** Returns the JSON objects that can be read off the beginning of a file. */
export function sampleObjects(sample: Sample, scanner: RecordScanner<string>): JsonObject[] {
  const records = [...scanner.push(sample.bytes), ...(sample.whole ? scanner.end() : [])]
  return records.flatMap((record) => {
    if ('problem' in record) return []
    try {
      const value: unknown = JSON.parse(record.content)
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
function looksLikeArxiv(sample: Sample, scanner: RecordScanner<string>): boolean {
  return sampleObjects(sample, scanner).some((one) => 'id' in one && 'title' in one && 'abstract' in one)
}

/**
 * Returns the paper of one record. Its version is the last of `versions` (objects, or names alone), published with the
 * first of them; a record without versions has the one its id names, if any.
 */
function parseKaggle(text: string): ImportedPaper {
  const record = parseObject(text)
  const { base: id, version: named } = requireId(record.id)
  const title = requiredText(record, 'title', id)
  const abstract = requiredText(record, 'abstract', id)
  const versions = versionsOf(record.versions, id)
  const last = versions.at(-1) ?? { version: named, created: null }
  const categories = categoryList(
    Array.isArray(record.categories) ? record.categories.join(' ') : textOrNull(record.categories),
  )
  const comment = textOrNull(record.comments)
  return {
    arxiv_id: id,
    version: last.version,
    title,
    abstract,
    authors: textOrNull(record.authors) ?? authorNames(record.authors_parsed),
    categories: categories.join(' '),
    primary_category: categories[0] ?? null,
    published_at: versions[0]?.created ?? null,
    updated_at: last.created ?? isoOrNull(textOrNull(record.update_date)),
    doi: textOrNull(record.doi),
    journal_ref: textOrNull(record['journal-ref']),
    comment,
    license: textOrNull(record.license),
    withdrawn: isWithdrawal(title, abstract, comment),
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
  const text = textOrNull(value) ?? ''
  if (key === 'title' && text === '') throw new RecordError(`${id} has an empty title`)
  return text
}

interface Version {
  version: number
  created: string | null
}

function versionsOf(value: unknown, id: string): Version[] {
  if (!Array.isArray(value)) return []
  const versions = value.map((entry): Version => {
    const name: unknown = isObject(entry) ? entry.version : entry
    const version = versionNumber(name)
    if (version === null) throw new RecordError(`${id} has a version without number`)
    return { version, created: isObject(entry) ? isoOrNull(textOrNull(entry.created)) : null }
  })
  return versions.sort((a, b) => a.version - b.version)
}

/** `[["Yuan", "C. -P.", ""]]` → `C. -P. Yuan`. */
function authorNames(value: unknown): string {
  if (!Array.isArray(value)) return ''
  const names = value.map((parts) => {
    const [last, first, suffix] = Array.isArray(parts) ? (parts as unknown[]).map(textOrNull) : []
    return [first, last, suffix].filter(Boolean).join(' ')
  })
  return names.filter((name) => name !== '').join(', ')
}
