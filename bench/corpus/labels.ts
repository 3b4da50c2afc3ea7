import type BetterSqlite3 from 'better-sqlite3'
import { categoryList } from '../../src/corpus/papers.js'

/** What says how near two papers are without looking at how they were found: 0 to 1. */
export interface Label {
  head: string
  nearness(paper: string, other: string): number
}

type SetOf = (arxivId: string) => ReadonlySet<string>

/** The generator of corpora begins with the real papers of whose sentences it makes all others. */
const REAL_ROWS = 15_000
/** Shorter ones stand in papers that have nothing to do with one another. */
const SENTENCE_LENGTH = 40

/**
 * Returns what is known of the papers of a corpus: categories; works cited by both (bibliographic coupling, by the table
 * `citations`, where a corpus has it); and, in a generated corpus, real papers of which both were made. The last column counts
 * of those only what gave the two no sentence in common, so that no words need to be the same.
 */
export function labelsOf(db: BetterSqlite3.Database): Label[] {
  const categories = remembered(categoriesOf(db))
  const { sourcesOf, sentencesFrom } = sources(db)
  const cited = citedOf(db)
  return [
    { head: 'CATEGORIES', nearness: (paper, other) => jaccard(categories(paper), categories(other)) },
    ...(cited === null
      ? []
      : [
          {
            head: 'CITATIONS',
            nearness: (paper: string, other: string) => jaccard(cited(paper), cited(other)),
          },
        ]),
    { head: 'SOURCES', nearness: (paper, other) => jaccard(sourcesOf(paper), sourcesOf(other)) },
    {
      head: 'OTHER SENTENCES',
      nearness: (paper, other) =>
        jaccard(sourcesOf(paper), sourcesOf(other), (source) =>
          disjoint(sentencesFrom(paper, source), sentencesFrom(other, source)),
        ),
    },
  ]
}

function categoriesOf(db: BetterSqlite3.Database): SetOf {
  const statement = db
    .prepare<[string], string>('SELECT categories FROM papers WHERE arxiv_id = ? ORDER BY version DESC')
    .pluck()
  return (arxivId) => new Set(categoryList(statement.get(arxivId) ?? null))
}

/** The works that a paper cites; null without such a table, or where it is empty. */
function citedOf(db: BetterSqlite3.Database): SetOf | null {
  const columns = db.pragma('table_info(citations)') as { name: string }[]
  if (!['source_paper_id', 'citing_paper_id'].every((name) => columns.some((column) => column.name === name)))
    return null
  // The table has no index that begins with who cites.
  db.exec(
    'CREATE TEMP TABLE cited AS SELECT citing_paper_id AS citing, source_paper_id AS cited FROM citations',
  )
  db.exec('CREATE INDEX temp.cited_by ON cited (citing)')
  const statement = db
    .prepare<[string], string>(
      `SELECT w.arxiv_id FROM papers p JOIN temp.cited c ON c.citing = p.id JOIN papers w ON w.id = c.cited
       WHERE p.arxiv_id = ?`,
    )
    .pluck()
  return remembered((arxivId) => new Set(statement.all(arxivId)))
}

function sources(db: BetterSqlite3.Database): {
  sourcesOf: SetOf
  sentencesFrom: (paper: string, source: string) => ReadonlySet<string>
} {
  const origins = new Map<string, string>()
  const real = db.prepare<[], { arxiv_id: string; abstract: string }>(
    `SELECT arxiv_id, abstract FROM papers ORDER BY id LIMIT ${REAL_ROWS}`,
  )
  for (const { arxiv_id, abstract } of real.iterate())
    for (const sentence of sentencesOf(abstract)) if (!origins.has(sentence)) origins.set(sentence, arxiv_id)
  const newest = db
    .prepare<[string], string>('SELECT abstract FROM papers WHERE arxiv_id = ? ORDER BY version DESC')
    .pluck()
  const sentences = remembered((arxivId) => new Set(sentencesOf(newest.get(arxivId) ?? '')))
  const sourcesOf = remembered((arxivId) => {
    const found = [...sentences(arxivId)].flatMap((sentence) => origins.get(sentence) ?? [])
    return new Set(found)
  })
  return {
    sourcesOf,
    sentencesFrom: (paper, source) =>
      new Set([...sentences(paper)].filter((sentence) => origins.get(sentence) === source)),
  }
}

function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.?!]) (?=[A-Z])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length >= SENTENCE_LENGTH)
}

function remembered(of: SetOf): SetOf {
  const known = new Map<string, ReadonlySet<string>>()
  return (arxivId) => {
    let set = known.get(arxivId)
    if (set === undefined) known.set(arxivId, (set = of(arxivId)))
    return set
  }
}

/** What both hold (and counts), as a share of what either holds. */
function jaccard(
  one: ReadonlySet<string>,
  other: ReadonlySet<string>,
  counts: (member: string) => boolean = () => true,
): number {
  const both = [...one].filter((member) => other.has(member))
  return both.filter(counts).length / (one.size + other.size - both.length || 1)
}

function disjoint(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].every((member) => !other.has(member))
}
