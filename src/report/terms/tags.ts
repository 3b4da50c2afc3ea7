import { formKey } from './term-forms.js'
import { extractTerms } from './terms.js'
import type { TermInput, TermSource } from './term-zones.js'

/** A tag of a report, and what speaks for it. */
export interface Tag {
  tag: string
  /** 0–1, comparable within one paper. */
  score: number
  /** How often the paper writes it, in whatever form. */
  count: number
  /** Where it stands, most telling first. */
  sources: TermSource[]
}

/** What the tags of a paper are found in. */
export interface TaggedPaper extends TermInput {
  authors: string
}

const MAX_TAGS = 10
/** Least score of a tag where there are enough that are surer. */
const SURE = 0.25
const ENOUGH = 4

/** Returns the tags of a paper as it writes them, best first, without a model. Deterministic. */
export function tagsOf(paper: TaggedPaper): Tag[] {
  return extractTerms({ ...paper, max: MAX_TAGS, distinct: true })
    .filter(({ score, sources }, at) => at < ENOUGH || score >= SURE || sources.includes('keywords'))
    .map(({ term, ...found }) => ({ tag: term, ...found }))
}

/** Returns tags under the names that `nameOf` gives them, each once: the first of those that have one. */
export function named(tags: readonly Tag[], nameOf: (tag: string) => string): Tag[] {
  const found = new Map<string, Tag>()
  for (const one of tags) {
    const tag = nameOf(one.tag)
    if (!found.has(formKey(tag))) found.set(formKey(tag), { ...one, tag })
  }
  return [...found.values()]
}
