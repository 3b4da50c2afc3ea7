import BetterSqlite3 from 'better-sqlite3'
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../core/errors.js'
import { corpusErrorOf, corpusForeign, corpusMissing, corpusUnreadable } from './errors.js'
import { detectFeatures, missingForCorpus, type CorpusFeatures } from './schema-check.js'
import { openSnapshot, sizeOf } from './snapshot.js'

type Statement = BetterSqlite3.Statement<unknown[]>

/** An open corpus. SQL on it stays in this folder. */
export interface Corpus {
  readonly path: string
  readonly features: CorpusFeatures
  /** `direct`: the file itself; `snapshot`: a private copy, because the file's folder does not allow reading in place. */
  readonly access: 'direct' | 'snapshot'
  /** Returns a prepared statement, prepared once for each text. */
  statement(sql: string): Statement
  /** Runs a reading step; errors of SQLite become corpus errors. */
  read<T>(run: () => T): T
  close(): void
}

/** How long a read waits for a writer that is just committing. */
const BUSY_TIMEOUT_MS = 5_000
const CACHE_KIB = 65_536
/** SQLite refuses to read in place: no shared memory file can be made, or a journal would have to be rolled back. */
const IN_PLACE_REFUSED = ['SQLITE_CANTOPEN', 'SQLITE_READONLY']

/**
 * Opens a corpus for reading. The file is opened read-only, and reads are single statements: no lock outlives one, so
 * a crawler may write at any moment (with WAL it is never held up, with a rollback journal for one statement at most),
 * and each statement sees a consistent state. A file in WAL mode makes SQLite lay `-wal` and `-shm` beside it: when
 * they were made for reading alone, `close` (or the end of the process) removes them again. Where that cannot work (a
 * folder that cannot be written, an interrupted writer's log or journal), a private copy is read instead.
 * Throws ConfigError `corpus_missing`, `corpus_foreign` or `corpus_unreadable`.
 */
export function openCorpus(path: string): Corpus {
  const file = resolve(path)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw corpusMissing(path)
  if (!stat.isFile())
    throw corpusUnreadable(path, 'it is not a file', 'Give the path of the SQLite file itself.')
  try {
    const opened = needsSnapshot(file) ? snapshotOf(file) : openInPlace(file)
    return corpusOn(path, file, opened)
  } catch (error) {
    throw corpusErrorOf(path, error)
  }
}

interface Opened {
  db: BetterSqlite3.Database
  access: Corpus['access']
}

function corpusOn(path: string, file: string, { db, access }: Opened): Corpus {
  const release = (): void => {
    process.off('exit', release)
    if (!db.open) return
    const wal = access === 'direct' && journalMode(db) === 'wal'
    db.close()
    if (wal) removeEmptyLog(file)
  }
  try {
    const missing = missingForCorpus(db)
    if (missing !== null) throw corpusForeign(path, missing)
    db.pragma(`cache_size = -${CACHE_KIB}`)
    db.pragma('temp_store = MEMORY')
    const features = detectFeatures(db)
    const statements = new Map<string, Statement>()
    process.on('exit', release)
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
      close: release,
    }
  } catch (error) {
    release()
    throw error
  }
}

function openInPlace(file: string): Opened {
  const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  try {
    db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get()
    return { db, access: 'direct' }
  } catch (error) {
    db.close()
    const code = systemCode(error) ?? ''
    if (!IN_PLACE_REFUSED.some((refusal) => code.startsWith(refusal))) throw error
    return snapshotOf(file)
  }
}

function snapshotOf(file: string): Opened {
  return { db: openSnapshot(file), access: 'snapshot' }
}

/** A log without its `-shm` (a copied file), or a WAL file whose `-wal` could not be removed again after reading. */
function needsSnapshot(file: string): boolean {
  const shared = sizeOf(`${file}-shm`) !== null
  if (!shared && (sizeOf(`${file}-wal`) ?? 0) > 0) return true
  return !shared && !(isWritable(file) && isWritable(dirname(file))) && isWalMode(file)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Reads version 2 (WAL) off the header (https://www.sqlite.org/fileformat2.html, offset 19). Only for files this user
 * cannot write: closing a descriptor drops the locks other connections of this process hold on the file.
 */
function isWalMode(file: string): boolean {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(20)
    return readSync(descriptor, header, 0, 20, 0) === 20 && header[19] === 2
  } finally {
    closeSync(descriptor)
  }
}

function journalMode(db: BetterSqlite3.Database): unknown {
  try {
    return db.pragma('journal_mode', { simple: true })
  } catch {
    return null
  }
}

/**
 * Removes an empty `-wal` and its `-shm`. A connection that may write does so itself when it closes as the last one,
 * under SQLite's own locks; with no log there is nothing it could write. If somebody else is connected, it leaves them.
 */
function removeEmptyLog(file: string): void {
  try {
    if (sizeOf(`${file}-wal`) !== 0) return
    const db = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 })
    try {
      db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get()
    } finally {
      db.close()
    }
  } catch {
    // The files are harmless, and reading has succeeded.
  }
}
