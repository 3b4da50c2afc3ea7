import { isObject } from '../../core/json.js'
import type { KnownChanges } from '../report-input.js'
import { readFrontmatter } from './read-frontmatter.js'

/**
 * Returns what a report says of changes, under `paper` in its frontmatter: of a version only if it is later than the one the
 * report is about.
 */
export function changeFacts(
  { newer_version: newer, withdrawn_at }: KnownChanges,
  version: number | null,
): Partial<KnownChanges> {
  return {
    ...(newer === null || (version !== null && newer <= version) ? {} : { newer_version: newer }),
    ...(withdrawn_at === null ? {} : { withdrawn_at }),
  }
}

const PAPER = /^(---\n(?:(?!---\n).*\n)*?paper:\n)((?: {2}newer_version: .*\n)?(?: {2}withdrawn_at: .*\n)?)/

/** Returns a report whose frontmatter says what is known now; without news it is left as it is. */
export function markChanges(markdown: string, changes: KnownChanges): string {
  return markdown.replace(PAPER, (_, before: string) => {
    const facts = Object.entries(changeFacts(changes, versionIn(markdown)))
    return before + facts.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`).join('')
  })
}

/** Returns the version of the paper that a report is about; null where it does not say. */
export function versionIn(markdown: string): number | null {
  const paper = readFrontmatter(markdown)?.['paper']
  const version = isObject(paper) ? paper['version'] : null
  return typeof version === 'number' ? version : null
}
