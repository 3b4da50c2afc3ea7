import { CONJECTURE } from './cues.js'
import { findAcronyms } from '../../text/acronyms.js'
import { pageAt } from './document.js'
import { anchor, item, sectionList, titleOf } from './markdown.js'
import { plainInline } from './quotable.js'
import type { Writing } from './writing.js'

/** Causes the paper gives, parted into what it argues and what it only supposes. */
export function mechanism(writing: Writing): string {
  const picks = writing.plan.mechanism.map((p) => p.sentence)
  const lead = titleOf(writing.input.title)
  if (picks.length === 0) return `No sentence of ${lead} gives a cause outright.`
  const argued = picks.filter((s) => !CONJECTURE.test(s.text))
  const supposed = picks.filter((s) => CONJECTURE.test(s.text))
  const parts: string[] = []
  const where = sectionList(picks)
  if (argued.length > 0) {
    parts.push(
      `Reasons given in ${where === '' ? 'the text' : where}:\n\n${argued.map((s) => item(s, undefined, true)).join('\n')}`,
    )
  }
  if (supposed.length > 0) {
    parts.push(
      `Offered as a supposition, not shown:\n\n${supposed.map((s) => item(s, undefined, true)).join('\n')}`,
    )
  }
  return parts.join('\n\n')
}

/** Terms, short forms and earlier work a reader needs first. */
export function foundation(writing: Writing): string {
  const definitions = writing.plan.definitions.map((p) => p.sentence)
  const shortForms = acronymItems(writing)
  const parts: string[] = []
  if (definitions.length > 0)
    parts.push(`Terms the paper defines or characterises:\n\n${definitions.map((s) => item(s)).join('\n')}`)
  if (shortForms.length > 0) parts.push(`Short forms it introduces:\n\n${shortForms.join('\n')}`)
  if (parts.length > 0) return parts.join('\n\n')
  return `${titleOf(writing.input.title)} defines no term in a sentence that can be quoted alone and introduces no short form.`
}

/** Sentences that place the paper among others; '' where none does. Its neighbours in the corpus stand in the facts. */
export function relatedWork(writing: Writing): string {
  const prior = writing.plan.priorWork.map((p) => item(p.sentence))
  return prior.length === 0 ? '' : `Work it names:\n\n${prior.join('\n')}`
}

const MOST_ACRONYMS = 8

/** The short forms the paper uses most, in the order of their use. */
function acronymItems(writing: Writing): string[] {
  const { document } = writing
  const known = findAcronyms(document.text)
  const uses = countUses(document.text, new Set(known.map((a) => a.short)))
  return known
    .filter((a) => (uses.get(a.short) ?? 0) >= 2)
    .sort((a, b) => (uses.get(b.short) ?? 0) - (uses.get(a.short) ?? 0) || a.index - b.index)
    .slice(0, MOST_ACRONYMS)
    .map(
      (a) =>
        `- **${plainInline(a.short, 12)}**: ${plainInline(a.long, 100)} ${anchor(pageAt(document, a.index))}`,
    )
}

function countUses(text: string, shorts: ReadonlySet<string>): Map<string, number> {
  const uses = new Map<string, number>()
  for (const [token] of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}/&.+-]*[\p{L}\p{N}]/gu)) {
    const short = shorts.has(token) ? token : token.replace(/s$/, '')
    if (shorts.has(short)) uses.set(short, (uses.get(short) ?? 0) + 1)
  }
  return uses
}
