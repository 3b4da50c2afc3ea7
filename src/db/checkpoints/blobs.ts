import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { BlobsTable } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { perform, takeLocks } from '../engine/steps.js'
import { DamageError, damagedPaper } from './damage.js'
import type { Blob } from './packed-texts.js'
import { remember, rememberPacked, shorten, textOf, toBlob } from './packed-texts.js'
import { seal, unseal } from './seal.js'

/**
 * Strings longer than this (UTF-16 units) are stored once, by content, instead of inside each JSON document: most answers
 * of a model, which stand in the snapshots of three machines and in a result; not an abstract, which is hardly repeated.
 */
const INLINE_LIMIT = 1536
const REFERENCE = '$blob'
const ESCAPE = '$literal'

/**
 * Shared by whoever stores references until they are committed, or deletes blobs; whoever condemns blobs holds it alone:
 * what is referred to by then can be read, and who comes later sees that they are condemned.
 */
export const BLOBS_LOCK = 'blobs'

/** And is read with several of its documents: read, inflate and check it once. By hash. */
const texts = new Map<string, string>()
/** What was stored or read before; any other is likely not to be there yet. */
const met = new WeakSet<Blob>()

const findBlob = prepared<{ hash: string }, { condemned: string | null }>((db, p) =>
  db
    .selectFrom('blobs as b')
    .leftJoin('condemned_blobs as c', 'c.hash', 'b.hash')
    .select('c.hash as condemned')
    .where('b.hash', '=', p.hash),
)
const spareBlob = prepared<{ hash: string }, { hash: string }>((db, p) =>
  db.deleteFrom('condemned_blobs').where('hash', '=', p.hash).returning('hash'),
)
const insertBlob = preparedWrite<Blob>((db, p) =>
  db
    .insertInto('blobs')
    .values({ hash: p.hash, codec: p.codec, size: p.size, data: p.data })
    .onConflict((conflict) => conflict.column('hash').doNothing()),
)
const selectBlob = prepared<{ hash: string }, BlobsTable>((db, p) =>
  db.selectFrom('blobs').selectAll().where('hash', '=', p.hash),
)

/**
 * Writes a JSON document whose long strings are replaced by references to blobs; missing blobs are inserted.
 *
 * @param trx the transaction that will also store the returned text.
 * @returns the JSON text to store.
 */
export async function storeJson(trx: Db, value: unknown): Promise<string> {
  return perform(trx, storeJsonSteps(value))
}

/** Steps of `storeJson`. */
export function* storeJsonSteps(value: unknown): Steps<string> {
  const { text, blobs } = detachTexts(value)
  const sealed = seal(text)
  yield* storeTexts(blobs)
  return sealed
}

/** Returns the JSON text, without a checksum, in which long strings are references, and the blobs that these need. */
export function detachTexts(value: unknown): { text: string; blobs: readonly Blob[] } {
  const blobs: Blob[] = []
  const text = JSON.stringify(needsDetaching(value) ? detach(value, blobs) : value)
  return { text, blobs }
}

/** Steps of the transaction that stores the references: inserts the blobs that are missing. */
export function* storeTexts(blobs: readonly Blob[]): Steps<void> {
  if (blobs.length === 0) return
  yield* takeLocks({ name: BLOBS_LOCK, shared: true })
  for (const blob of blobs) {
    if (!met.has(blob)) {
      met.add(blob)
      if ((yield* insertBlob.step(blob)) > 0) continue
    }
    const [known] = yield* findBlob.step({ hash: blob.hash })
    const spared =
      known !== undefined &&
      (known.condemned === null || (yield* spareBlob.step({ hash: blob.hash })).length > 0)
    // Nothing is on the list any more where it was deleted a moment ago.
    if (!spared) yield* insertBlob.step(blob)
  }
}

const REFERENCES = new RegExp(`"\\${REFERENCE}"\\s*:\\s*"([0-9a-f]{64})"`, 'g')

/** Returns the hashes of the blobs that a stored JSON document refers to. */
export function referencesIn(stored: string | Uint8Array): string[] {
  const text = typeof stored === 'string' ? stored : Buffer.from(stored).toString('utf8')
  // Quotes inside strings are escaped, so nothing that a document merely mentions can match.
  return Array.from(text.matchAll(REFERENCES), ([, hash]) => hash ?? '')
}

/**
 * Returns the value of a stored JSON document, its references resolved. Reads documents without references as well.
 *
 * @param executionId whose document it is.
 * @throws RpaError `db_corrupt`, naming the paper, if the document or a text it refers to is not what was stored;
 * SyntaxError if it is no JSON and was not written by this program.
 */
export async function loadJson(db: Db, stored: string | Uint8Array, executionId: string): Promise<unknown> {
  try {
    const text = unseal(typeof stored === 'string' ? stored : Buffer.from(stored).toString('utf8'))
    const value = parse(text)
    return text.includes(`"${REFERENCE}"`) || text.includes(`"${ESCAPE}"`)
      ? await attachTexts(db, value)
      : value
  } catch (error) {
    throw error instanceof DamageError ? await damagedPaper(db, executionId, error) : error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    // Earlier versions of this program wrote no checksum.
    throw text.includes(`"${REFERENCE}":"`) ? new DamageError('a document is no JSON', error) : error
  }
}

/** Most of a document holds nothing long: it is looked through without a copy first. */
function needsDetaching(value: unknown): boolean {
  if (typeof value === 'string') return value.length > INLINE_LIMIT
  if (Array.isArray(value)) return value.some(needsDetaching)
  if (!isObject(value)) return false
  for (const key of Object.keys(value)) {
    if (key === REFERENCE || key === ESCAPE || needsDetaching(value[key])) return true
  }
  return false
}

function detach(value: unknown, blobs: Blob[]): unknown {
  if (typeof value === 'string') {
    const blob = value.length > INLINE_LIMIT ? toBlob(value) : null
    if (blob === null) return value
    blobs.push(blob)
    return { [REFERENCE]: blob.hash }
  }
  if (Array.isArray(value)) return value.map((item) => detach(item, blobs))
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  let changed = false
  for (const entry of entries) {
    const detached = detach(entry[1], blobs)
    changed ||= detached !== entry[1]
    entry[1] = detached
  }
  if (resemblesReference(value)) return { [ESCAPE]: entries }
  return changed ? Object.fromEntries(entries) : value
}

/** Returns whether an object looks like a reference, or like what is stored for one that does. */
export function resemblesReference(value: JsonObject): boolean {
  return Object.hasOwn(value, REFERENCE) || Object.hasOwn(value, ESCAPE)
}

/**
 * Returns a stored value with the texts in the place of their references.
 *
 * @throws DamageError if a text is not what was stored.
 */
export async function attachTexts(db: Db, value: unknown): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) items.push(await attachTexts(db, item))
    return items
  }
  if (!isObject(value)) return value
  const reference = value[REFERENCE]
  if (typeof reference === 'string') return readBlob(db, reference)
  const literal = value[ESCAPE]
  const entries = (Array.isArray(literal) ? literal : Object.entries(value)) as [string, unknown][]
  const attached: [string, unknown][] = []
  for (const [key, item] of entries) attached.push([key, await attachTexts(db, item)])
  return Object.fromEntries(attached)
}

async function readBlob(db: Db, hash: string): Promise<string> {
  const known = texts.get(hash)
  if (known !== undefined) return known
  const [row] = await selectBlob(db, { hash })
  if (row === undefined) throw new DamageError(`the text ${shorten(hash)} is gone`)
  const text = textOf(row)
  remember(texts, hash, text)
  met.add(row)
  rememberPacked(text, row)
  return text
}
