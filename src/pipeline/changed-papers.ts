import type { Clock } from '../core/clock.js'
import { isObject } from '../core/json.js'
import type { NewVersions } from '../core/settings/setting-values.js'
import { newestOf, versionOfRow } from '../corpus/newest.js'
import type { Corpus } from '../corpus/open.js'
import { findPaper } from '../corpus/papers.js'
import type { PaperChange, ReadPaper } from '../db/executions/changes.js'
import { noteChanges, readPapers } from '../db/executions/changes.js'
import { redoPapers, type Redo } from '../db/executions/redo.js'
import { reportRowsOf } from '../db/executions/reports.js'
import { readResults } from '../db/executions/results.js'
import type { Db } from '../db/engine/prepared.js'
import { writtenReport } from './actions/stored-report.js'

/** Papers of which a change was noted that was not known before. */
export interface NotedChanges {
  /** Ids of papers with a version later than the one that was read. */
  newer_versions: string[]
  withdrawn: string[]
  /** Papers that are read again for a later version, as `new_versions: redo` wants. */
  redone: string[]
}

/**
 * Compares what was read with what the corpora know now. Withdrawals are noted, and later versions are, as it is set. It looks at
 * all papers, so whatever brought the news, and whatever was killed before it could say so, is found.
 *
 * @param corpora the first that holds a paper counts.
 * @throws RpaError `db_corrupt` where what is stored of a paper is damaged.
 */
export async function noteChangedPapers(
  { db, clock, newVersions }: { db: Db; clock: Clock; newVersions: NewVersions },
  corpora: readonly Corpus[],
): Promise<NotedChanges> {
  const noted: NotedChanges = { newer_versions: [], withdrawn: [], redone: [] }
  for await (const page of readPapers(db)) {
    const found: FoundChange[] = []
    for (const paper of page) {
      const change = await changeOf(db, corpora, paper)
      if (change !== null) found.push(change)
    }
    const redone = newVersions === 'redo' ? await redo(db, found, clock.now()) : new Set()
    const changes: Parameters<typeof noteChanges>[1][number][] = []
    for (const { paper, newer_version: later, withdrawn } of found) {
      const { execution_id, arxiv_id, withdrawn_at } = paper
      if (redone.has(execution_id)) {
        noted.redone.push(arxiv_id)
        continue
      }
      const newer_version = newVersions === 'ignore' ? null : later
      if (newer_version === paper.newer_version && withdrawn === (withdrawn_at !== null)) continue
      changes.push({ execution_id, newer_version, withdrawn, withdrawn_at })
      if (withdrawn && withdrawn_at === null) noted.withdrawn.push(arxiv_id)
      if (newer_version !== null) noted.newer_versions.push(arxiv_id)
    }
    if (changes.length > 0) await noteChanges(db, changes, clock.now())
  }
  return noted
}

interface FoundChange extends Omit<PaperChange, 'execution_id'> {
  paper: ReadPaper
  /** The one that knows the paper. */
  corpus: Corpus
}

/** Returns the execution ids of those that were put back in the queue. */
async function redo(db: Db, found: readonly FoundChange[], now: number): Promise<Set<string>> {
  const redos: Redo[] = []
  for (const { paper, corpus, newer_version: version } of found) {
    const { execution_id, arxiv_id, paper_id, status, redone_version } = paper
    if (version === null || status !== 'done' || version <= (redone_version ?? 0)) continue
    const [row] = await reportRowsOf(db, [execution_id])
    const newest = findPaper(corpus, arxiv_id, paper_id)
    if (row === undefined || newest === null || (await isOfOwnFile(db, paper))) continue
    const { title, authors, abstract } = newest
    redos.push({
      execution_id,
      version,
      metadata: { arxiv_id, paper_id: newest.paper_id, title, authors, abstract },
      report: row.report === null ? await writtenReport(db, row) : null,
    })
  }
  return redoPapers(db, redos, now)
}

/** A file of one's own is what it is: to read it again would give the same. */
async function isOfOwnFile(db: Db, paper: ReadPaper): Promise<boolean> {
  const about = (await readResults(db, paper)).prep['paper']
  return isObject(about) && about['source'] === 'local'
}

/** Null: no corpus knows the paper. */
async function changeOf(db: Db, corpora: readonly Corpus[], paper: ReadPaper): Promise<FoundChange | null> {
  const { arxiv_id, paper_id } = paper
  for (const corpus of corpora) {
    const newest = newestOf(corpus, arxiv_id, paper_id)
    if (newest === null) continue
    const seeded = versionOfRow(corpus, arxiv_id, paper_id)
    const isCandidate = !newest.withdrawn && (seeded === null || seeded < newest.version)
    // What was read may be later than the row it was seeded from.
    const read = isCandidate ? ((await versionRead(db, paper)) ?? seeded) : null
    const later = read !== null && read < newest.version
    return { paper, corpus, newer_version: later ? newest.version : null, withdrawn: newest.withdrawn }
  }
  return null
}

/** Returns the version whose text was read, as the corpus knew it then; null where that was not noted. */
async function versionRead(db: Db, paper: ReadPaper): Promise<number | null> {
  const about = (await readResults(db, paper)).prep['paper']
  const version = isObject(about) ? about['version'] : null
  return typeof version === 'number' ? version : null
}
