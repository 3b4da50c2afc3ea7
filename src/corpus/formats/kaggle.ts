import { messageOf } from '../../core/errors.js'
import { isObject, type JsonObject } from '../../core/json.js'
import { categoryList } from '../papers.js'
import { authorNames } from './author-lists.js'
import { arrayScanner, lineScanner, objectScanner } from './json-records.js'
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

/** The same records as objects that take several lines, share one, or have commas between them. */
export const kaggleObjects: MetadataFormat = {
  name: 'kaggle-objects',
  accepts: (sample) => startsWith(sample, '{') && looksLikeArxiv(sample, objectScanner()),
  scanner: () => readingScanner(objectScanner(), parseKaggle),
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
  return sampleObjects(sample, scanner).some(
    (one) => 'id' in one && 'title' in one && ('abstract' in one || 'summary' in one),
  )
}

/**
 * Returns the paper of one record. Its version is the last of `versions` (objects, or their names or numbers alone),
 * published with the first of them; a record without versions has the one its id names, if any. Names that others who
 * write such files give to the fields are known, too.
 */
function parseKaggle(text: string): ImportedPaper {
  const record = parseObject(text)
  const { base: id, version: named } = requireId(record.id)
  const title = requiredText(record, 'title', id)
  const abstract = requiredText(record, 'abstract' in record ? 'abstract' : 'summary', id)
  const versions = versionsOf(record, id)
  const last = versions.at(-1) ?? { version: named, created: null }
  const categories = categoryList(
    Array.isArray(record.categories) ? record.categories.join(' ') : textOrNull(record.categories),
  )
  const comment = textOrNull(record.comments ?? record.comment)
  const changed = isoOrNull(textOrNull(record.update_date))
  return {
    arxiv_id: id,
    version: last.version,
    title,
    abstract,
    authors: authorNames(record.authors) || authorNames(record.authors_parsed),
    categories: categories.join(' '),
    primary_category: categories[0] ?? null,
    published_at: versions[0]?.created ?? null,
    updated_at: last.created ?? changed,
    changed_at: changed,
    doi: textOrNull(record.doi),
    journal_ref: textOrNull(record['journal-ref'] ?? record.journal_ref),
    comment,
    license: textOrNull(record.license),
    withdrawn: isWithdrawal(title, abstract, comment),
  }
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    throw new RecordError(messageOf(error), { cause: error, reason: 'no JSON' })
  }
  if (!isObject(value)) throw new RecordError('not a JSON object')
  return value
}

function requiredText(record: JsonObject, key: string, id: string): string {
  const value = record[key]
  if (typeof value !== 'string') throw new RecordError(`${id} has no ${key}`, { reason: `no ${key}` })
  const text = textOrNull(value) ?? ''
  if (key === 'title' && text === '')
    throw new RecordError(`${id} has an empty title`, { reason: 'an empty title' })
  return text
}

interface Version {
  version: number
  created: string | null
}

/** What of the versions can be read, the oldest first. Throws RecordError where there are some, and none can. */
function versionsOf({ versions, versions_dates: dates, version }: JsonObject, id: string): Version[] {
  const given: readonly unknown[] = Array.isArray(versions) ? versions : [versions ?? version]
  const found = given.flatMap((entry, at): Version[] => {
    const date: unknown = Array.isArray(dates) ? dates[at] : null
    const [name, created] = isObject(entry) ? [entry.version, entry.created] : [entry, date]
    const number = versionNumber(name)
    return number === null ? [] : [{ version: number, created: isoOrNull(textOrNull(created)) }]
  })
  if (found.length === 0 && Array.isArray(versions) && versions.length > 0)
    throw new RecordError(`${id} has a version without number`, { reason: 'a version without number' })
  return found.sort((a, b) => a.version - b.version)
}

/** Also what Python writes for a number that is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!text.includes('NaN')) throw error
    return JSON.parse(text.replace(/(?<=[:,[]\s*)NaN(?=\s*[,}\]])/g, 'null'))
  }
}
