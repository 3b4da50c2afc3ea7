import BetterSqlite3 from 'better-sqlite3'
import { matchAny } from '../../src/corpus/full-text.js'
import { keywordsOf } from '../../src/corpus/neighbors/keywords.js'
import { findNeighbors } from '../../src/corpus/neighbors/neighbors.js'
import type { Corpus } from '../../src/corpus/open.js'
import { openCorpus } from '../../src/corpus/open.js'
import { renderTable } from '../../src/cli/layout/table.js'
import { median } from '../pair.js'
import { labelsOf, type Label } from './labels.js'

/** One way to find the 25 nearest; ids of papers, nearest first. */
interface Leg {
  name: string
  find(paper: Paper): string[]
}

interface Paper {
  arxiv_id: string
  title: string
  abstract: string
  categories: string
}

const HEADS = ['LEG', 'CPU MS', 'TIMES FASTER', 'OVERLAP', 'SAME']
const NEAREST = 25
const USED = 8
const NEWEST = 'NOT EXISTS (SELECT 1 FROM papers n WHERE n.arxiv_id = p.arxiv_id AND n.version > p.version)'

/** The earlier tool's statement: versions and h-index of every paper first, then the search. */
const EARLIER = `
  WITH latest AS (SELECT arxiv_id, max(version) AS version FROM papers GROUP BY arxiv_id),
    best AS (SELECT pa.paper_id, max(a.h_index) AS h FROM paper_authors pa
      JOIN authors a ON a.openalex_id = pa.author_openalex_id GROUP BY pa.paper_id)
  SELECT p.arxiv_id FROM papers_fts
    JOIN papers p ON p.id = papers_fts.rowid
    JOIN latest l ON l.arxiv_id = p.arxiv_id AND l.version = p.version
    LEFT JOIN paper_relevance r ON r.paper_id = p.id
    LEFT JOIN paper_citations c ON c.paper_id = p.id AND c.source = 'openalex'
    LEFT JOIN best b ON b.paper_id = p.id
  WHERE papers_fts MATCH ? AND p.arxiv_id <> ?
  ORDER BY bm25(papers_fts), r.fmr_score DESC, c.cited_by_count DESC LIMIT ${NEAREST}`

/** The search alone, over every version. */
const BARE = `
  SELECT p.arxiv_id FROM (SELECT rowid AS id FROM papers_fts WHERE papers_fts MATCH ?
    ORDER BY bm25(papers_fts) LIMIT ${NEAREST}) hit JOIN papers p ON p.id = hit.id`

/** All matching rows ranked, newest versions of other papers: the list that ours is measured by. */
const EXACT = `
  SELECT p.arxiv_id FROM (SELECT rowid AS id, bm25(papers_fts) AS score FROM papers_fts WHERE papers_fts MATCH ?
    ORDER BY score LIMIT 400) hit CROSS JOIN papers p ON p.id = hit.id
  WHERE p.arxiv_id <> ? AND ${NEWEST} ORDER BY score LIMIT ${NEAREST}`

function legsOf(corpus: Corpus, db: BetterSqlite3.Database): Leg[] {
  const sqlLeg = (name: string, sql: string, self: boolean): Leg => {
    const statement = db.prepare<string[], { arxiv_id: string }>(sql)
    return {
      name,
      find({ title, abstract, arxiv_id }) {
        const match = matchAny(keywordsOf(title, abstract))
        return statement.all(...(self ? [match, arxiv_id] : [match])).map((row) => row.arxiv_id)
      },
    }
  }
  const random = db.prepare<[], { arxiv_id: string }>(
    `SELECT arxiv_id FROM papers WHERE id IN (SELECT abs(random()) % (SELECT max(id) FROM papers) + 1 FROM papers LIMIT ${NEAREST})`,
  )
  return [
    sqlLeg('every row ranked, newest versions', EXACT, true),
    ...[USED, NEAREST].map((used) => ({
      name: used === NEAREST ? 'rpa, all 25' : 'rpa, 8 of 25 as prep wants them',
      find: (paper: Paper) =>
        findNeighbors(corpus, paper, { considered: NEAREST, used }).neighbors.map((near) => near.arxiv_id),
    })),
    sqlLeg('the search alone, every version', BARE, false),
    { name: 'papers at random', find: () => random.all().map((row) => row.arxiv_id) },
    sqlLeg("the earlier tool's SQL", EARLIER, true),
  ]
}

function measure(file: string, count: number): void {
  const corpus = openCorpus(file)
  const db = new BetterSqlite3(file, { readonly: true })
  db.pragma('cache_size = -65536')
  const papers = samplesOf(db, count)
  const legs = legsOf(corpus, db)
  const cpu = legs.map((): number[] => [])
  const lists = legs.map((): string[][] => [])
  for (const paper of papers) {
    for (const [at, leg] of legs.entries()) {
      const before = process.cpuUsage()
      lists[at]?.push(leg.find(paper))
      const { user, system } = process.cpuUsage(before)
      cpu[at]?.push((user + system) / 1000)
    }
  }
  const labels = labelsOf(db)
  const base = median(cpu.at(-1) ?? [])
  const rows = legs.map(({ name }, at) => [
    name,
    median(cpu[at] ?? []).toFixed(1),
    (base / median(cpu[at] ?? [])).toFixed(1),
    share(papers.map((_, n) => overlap(lists[0]?.[n] ?? [], lists[at]?.[n] ?? []))),
    share(papers.map((_, n) => (overlap(lists[0]?.[n] ?? [], lists[at]?.[n] ?? []) === 1 ? 1 : 0))),
    ...labels.map((label) => share(papers.map((paper, n) => relevance(label, paper, lists[at]?.[n] ?? [])))),
  ])
  const { n } = db.prepare<[], { n: number }>('SELECT count(DISTINCT arxiv_id) AS n FROM papers').get() ?? {
    n: 0,
  }
  console.log(`${n} papers, ${papers.length} looked up, one after the other`)
  console.log(
    renderTable(
      [...HEADS, ...labels.map(({ head }) => head)].map((head, at) => ({
        head,
        align: at === 0 ? 'left' : 'right',
      })),
      rows,
    ),
  )
  db.close()
  corpus.close()
}

/** Spread over the whole file; papers with something to search for. */
function samplesOf(db: BetterSqlite3.Database, count: number): Paper[] {
  const { last } = db.prepare<[], { last: number }>('SELECT max(id) AS last FROM papers').get() ?? { last: 0 }
  const statement = db.prepare<[number], Paper>(
    `SELECT arxiv_id, title, abstract, categories FROM papers p WHERE id >= ? AND length(abstract) > 200 AND ${NEWEST} ORDER BY id LIMIT 1`,
  )
  return Array.from({ length: count }, (_, n) =>
    statement.get(Math.floor(((n + 0.5) * last) / count)),
  ).filter((paper) => paper !== undefined)
}

/** Mean nearness of what prep would use of a list to the paper it was found for; what was not found is not near. */
function relevance(label: Label, paper: Paper, found: readonly string[]): number {
  const used = found.filter((id) => id !== paper.arxiv_id).slice(0, USED)
  return used.reduce((sum, id) => sum + label.nearness(paper.arxiv_id, id), 0) / USED
}

/** Share of the first of the exact list that was found, as many as were found: what is not near is left out by rpa. */
function overlap(exact: readonly string[], found: readonly string[]): number {
  const first = exact.slice(0, found.length)
  return first.length === 0 ? 1 : first.filter((id) => found.includes(id)).length / first.length
}

function share(values: readonly number[]): string {
  return (values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)).toFixed(3)
}

const [count, ...files] = process.argv.slice(2)
if (count === undefined || files.length === 0)
  throw new Error('npx tsx bench/corpus/neighbors.ts PAPERS CORPUS…')
for (const file of files) measure(file, Number(count))
