import type { Corpus } from './open.js'

const HAS_TOKEN = /[\p{L}\p{N}]/u
const MAX_KNOWN = 50_000

/** Returns a term as an FTS5 string: operators, hyphens, quotes and `*` in it are plain text to FTS5. */
export function quoteTerm(term: string): string {
  return `"${term.replaceAll('"', '""').replaceAll('\0', ' ')}"`
}

/** Returns the FTS5 query for rows with at least one of the terms. */
export function matchAny(terms: readonly string[]): string {
  return terms.map(quoteTerm).join(' OR ')
}

/** Returns the FTS5 query for rows with all of the terms. */
export function matchAll(terms: readonly string[]): string {
  return terms.map(quoteTerm).join(' AND ')
}

/** Returns the terms of what a user typed: words, and phrases in double quotes; what holds no letter or digit is left out. */
export function termsOf(query: string): string[] {
  const parts = Array.from(query.matchAll(/"([^"]*)"|([^\s"]+)/g), (match) => match[1] ?? match[2] ?? '')
  return parts.map((part) => part.trim()).filter((part) => HAS_TOKEN.test(part))
}

/** Returns a function that says how many rows of `papers_fts` hold a term; of a phrase the count of its rarest word. */
export function createRowCounts(corpus: Corpus): (term: string) => number {
  corpus
    .statement(
      "CREATE VIRTUAL TABLE IF NOT EXISTS temp.corpus_terms USING fts5vocab('main', 'papers_fts', 'row')",
    )
    .run()
  const statement = corpus.statement('SELECT doc FROM temp.corpus_terms WHERE term = ?')
  const known = new Map<string, number>()
  const count = (token: string): number => {
    let rows = known.get(token)
    if (rows === undefined) {
      rows = (statement.get(token) as { doc: number } | undefined)?.doc ?? 0
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(token, rows)
    }
    return rows
  }
  return (term) => Math.min(...tokensOf(term).map(count))
}

/** As FTS5's default tokenizer (unicode61) cuts words: lower case, marks removed. */
function tokensOf(term: string): string[] {
  const folded = term
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
  return folded.split(/[^\p{L}\p{N}]+/u).filter((token) => token !== '')
}
