import { splitSentences } from '../../text/sentences.js'
import { claimedNumbers } from '../numbers/numbers.js'

const MAX_RESULTS = 6
const LIST_ITEM = /^\s{0,3}(?:[-*+]|\d{1,2}[.)])\s+(.+)$/
const OUTCOME =
  /\b(?:outperform|improv|achiev|reduc|increas|exceed|surpass|match|converg)\w*|\b(?:faster|fewer|state[- ]of[- ]the[- ]art|bound|regret)\b/i

/**
 * Returns the results that a summary states, as list items in their order: its list items or else sentences that hold
 * a measured number; where none does, those that name an effect. Null where the text states no result.
 */
export function resultsIn(summary: string): string | null {
  const items = summary.split('\n').flatMap((line) => LIST_ITEM.exec(line)?.[1]?.trim() ?? [])
  const candidates = items.length >= 2 ? items : sentencesOf(summary)
  const measured = candidates.filter((text) => claimedNumbers(text).length > 0)
  const found = measured.length > 0 ? measured : candidates.filter((text) => OUTCOME.test(text))
  return found.length === 0
    ? null
    : found
        .slice(0, MAX_RESULTS)
        .map((text) => `- ${text}`)
        .join('\n')
}

function sentencesOf(text: string): string[] {
  return text
    .split(/\n{2,}|^### .*$/m)
    .flatMap((paragraph) => splitSentences(paragraph.replace(/\s+/g, ' ').trim()))
    .flatMap(({ text: sentence }) => (sentence.length >= 20 ? [sentence] : []))
}
