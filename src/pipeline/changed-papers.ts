import type { Clock } from '../core/clock.js'
import { isObject } from '../core/json.js'
import { newestOf, versionOfRow } from '../corpus/newest.js'
import type { Corpus } from '../corpus/open.js'
import type { PaperChange, ReadPaper } from '../db/executions/changes.js'
import { noteChanges, readPapers } from '../db/executions/changes.js'
import { readResults } from '../db/executions/results.js'
import type { Db } from '../db/engine/prepared.js'

/** Papers of which a change was noted that was not known before. */
export interface NotedChanges {
  /** Ids of papers with a version later than the one that was read. */
  newer_versions: string[]
  withdrawn: string[]
}

/**
 * Compares what was read with what the corpora know now, and notes later versions and withdrawals. It looks at all papers, so
 * whatever brought the news, and whatever was killed before it could say so, is found.
 *
 * @param corpora the first that holds a paper counts.
 * @throws RpaError `db_corrupt` where what is stored of a paper is damaged.
 */
export async function noteChangedPapers(
  { db, clock }: { db: Db; clock: Clock },
  corpora: readonly Corpus[],
): Promise<NotedChanges> {
  const noted: NotedChanges = { newer_versions: [], withdrawn: [] }
  for await (const page of readPapers(db)) {
    const changes: (PaperChange & Pick<ReadPaper, 'withdrawn_at'>)[] = []
    for (const paper of page) {
      const change = await changeOf(db, corpora, paper)
      if (change === null) continue
      const isWithdrawn = paper.withdrawn_at !== null
      if (change.newer_version === paper.newer_version && change.withdrawn === isWithdrawn) continue
      changes.push({ ...change, withdrawn_at: paper.withdrawn_at })
      if (change.withdrawn && !isWithdrawn) noted.withdrawn.push(paper.arxiv_id)
      if (change.newer_version !== null) noted.newer_versions.push(paper.arxiv_id)
    }
    if (changes.length > 0) await noteChanges(db, changes, clock.now())
  }
  return noted
}

/** Null: no corpus knows the paper. */
async function changeOf(db: Db, corpora: readonly Corpus[], paper: ReadPaper): Promise<PaperChange | null> {
  const { execution_id, arxiv_id, paper_id } = paper
  for (const corpus of corpora) {
    const newest = newestOf(corpus, arxiv_id, paper_id)
    if (newest === null) continue
    const seeded = versionOfRow(corpus, arxiv_id, paper_id)
    const isCandidate = !newest.withdrawn && (seeded === null || seeded < newest.version)
    // What was read may be later than the row it was seeded from.
    const read = isCandidate ? ((await versionRead(db, paper)) ?? seeded) : null
    const later = read !== null && read < newest.version
    return { execution_id, newer_version: later ? newest.version : null, withdrawn: newest.withdrawn }
  }
  return null
}

/** Returns the version whose text was read, as the corpus knew it then; null where that was not noted. */
async function versionRead(db: Db, paper: ReadPaper): Promise<number | null> {
  const about = (await readResults(db, paper)).prep['paper']
  const version = isObject(about) ? about['version'] : null
  return typeof version === 'number' ? version : null
}
