import { kindOfWholeTitle } from '../../../text/section-titles.js'

/** Lines at the head of a paper that begin in bold but are no headings; statements in bold. */
export const RUN_IN =
  /^(keywords?|key words|index terms|pacs|ccs concepts|jel|msc|theorem|lemma|definition|proposition|corollary|remark|example|proof|satz|beispiel|bemerkung|korollar|behauptung)\b/iu

/** True if the heading opens the list of references. */
export function isReferencesTitle(text: string): boolean {
  return kindOfWholeTitle(text) === 'references'
}

/** True if the text is the usual title of a section. */
export function isKnown(text: string): boolean {
  return text.length <= 80 && kindOfWholeTitle(text) !== null
}

/** True for titles of what follows the last section. */
export function isBackMatter(text: string): boolean {
  const kind = kindOfWholeTitle(text)
  return kind === 'references' || kind === 'acknowledgements' || kind === 'appendix'
}
