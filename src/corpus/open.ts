import type BetterSqlite3 from 'better-sqlite3'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { corpusErrorOf, corpusForeign, corpusMissing, corpusUnreadable } from './errors.js'
import { detectFeatures, isEmptyDatabase, missingForCorpus, type CorpusFeatures } from './features.js'
import type { ReadOnlyFile } from '../db/engine/read-only.js'
import { openReadOnly } from '../db/engine/read-only.js'

type Statement = BetterSqlite3.Statement<unknown[]>

/** An open corpus. SQL on it stays in this folder. */
export interface Corpus {
  readonly path: string
  readonly features: CorpusFeatures
  /** `direct`: the file itself; `snapshot`: a private copy, because the file's folder does not allow reading in place. */
  readonly access: ReadOnlyFile['access']
  /** Returns a prepared statement, prepared once for each text. */
  statement(sql: string): Statement
  /** Runs a reading step; errors of SQLite become corpus errors. */
  read<T>(run: () => T): T
  close(): void
}

/** For lookups here and there; what goes through a corpus once has no use for it. */
const CACHE_KIB = 65_536
/** For {@link openCorpus} where all of it is read once. */
export const SMALL_CACHE_KIB = 8_192

/**
 * Opens a corpus for reading: a crawler may write at any moment, see {@link openReadOnly}.
 *
 * @param cacheKib pages kept in memory, KiB.
 * @throws ConfigError `corpus_missing`, `corpus_foreign` or `corpus_unreadable`; RpaError where the disk fails.
 */
export function openCorpus(path: string, cacheKib = CACHE_KIB): Corpus {
  const file = resolve(path)
  const stat = statSync(file, { throwIfNoEntry: false })
  // An import that found no room leaves an empty file.
  if (stat === undefined || (stat.isFile() && stat.size === 0)) throw corpusMissing(path)
  if (!stat.isFile())
    throw corpusUnreadable(path, 'it is not a file', 'Give the path of the SQLite file itself.')
  try {
    return corpusOn(path, openReadOnly(file), cacheKib)
  } catch (error) {
    throw corpusErrorOf(path, error)
  }
}

function corpusOn(path: string, { handle: db, access, close }: ReadOnlyFile, cacheKib: number): Corpus {
  try {
    // Somebody is making it at this moment, or was killed as he did.
    if (isEmptyDatabase(db)) throw corpusMissing(path)
    const missing = missingForCorpus(db)
    if (missing !== null) throw corpusForeign(path, missing)
    db.pragma(`cache_size = -${cacheKib}`)
    const features = detectFeatures(db)
    const statements = new Map<string, Statement>()
    return {
      path,
      features,
      access,
      statement: (sql) => {
        let statement = statements.get(sql)
        if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)))
        return statement
      },
      read: (run) => {
        try {
          return run()
        } catch (error) {
          throw corpusErrorOf(path, error)
        }
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
