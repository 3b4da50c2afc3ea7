import type { TitleKind } from '../../text/section-titles.js'
import { isEndMatter, kindsInTitle } from '../../text/section-titles.js'

/** What a part of a paper is for; `back` is what stands behind it, `plain` where neither the heading nor its place tells. */
export type SectionKind =
  Exclude<TitleKind, 'statement' | 'acknowledgements' | 'references'> | 'back' | 'plain'

/** Returns the kinds a heading names, most specific first; empty where it names none. */
export function kindsOfHeading(heading: string): SectionKind[] {
  const kinds = kindsInTitle(heading).map((kind): SectionKind =>
    isEndMatter(kind) ? 'back' : (kind as SectionKind),
  )
  const [first] = kinds
  if (first === 'back' || first === 'appendix') return [first]
  // `Conclusion and Future Work` is both; of the others the first one counts.
  const lasting = kinds.filter((kind) => kind === 'limitations' || kind === 'future' || kind === 'conclusion')
  return lasting.length > 0 ? lasting : kinds.slice(0, 1)
}

/** Returns whether a heading is numbered with a letter, as appendices are. */
export function hasLetterNumber(heading: string): boolean {
  return /^[A-Z](?:\.\d+)*\.?\s+\S/.test(heading) && !/^(?:A|I|V|X)\s+[a-z]/.test(heading)
}
