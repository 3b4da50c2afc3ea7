/** A table, figure, section and the like that a text names. */
export interface Label {
  /** `table 3`, `figure 2`, `section 3.2`, `appendix b`. */
  key: string
  at: number
  end: number
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^tab/i, 'table'],
  [/^fig/i, 'figure'],
  [/^(?:sec|§)/i, 'section'],
  [/^app/i, 'appendix'],
  [/^eq/i, 'equation'],
  [/^alg/i, 'algorithm'],
  [/^the/i, 'theorem'],
  [/^lem/i, 'lemma'],
]
const NAMED =
  /(?<![\p{L}\p{N}])(tables?|tab\.?|figures?|figs?\.?|sections?|secs?\.?|§+|appendix|appendices|app\.|equations?|eqs?\.?|eqns?\.?|algorithms?|alg\.|theorems?|thm\.|lemmas?)\s{0,2}\(?(?:no\.\s?)?([A-Z]?\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5}(?![\p{L}])|[A-Z](?:\.\d{1,3})*(?![\p{L}\p{N}]))(?:\s?\(?[a-h]\)?(?![\p{L}\p{N}]))?((?:(?:,\s?(?:and\s)?|\s?(?:and|&|to|-|–)\s?)\(?(?:[A-Z]?\d{1,3}(?:\.\d{1,3})*|[A-Z](?![\p{L}\p{N}]))\)?[a-h]?(?![\p{L}\p{N}.%]\w?)){0,10})/giu

/** A number with one of these behind it is measured, not the number of a label. */
const MEASURED =
  /^\s?(?:%|°|×|per ?cent\b|percentage points?\b|points?\b|times\b|-?fold\b|m?s\b|seconds?\b|minutes?\b|hours?\b|days?\b|dB\b|[kMGT]?i?B\b|[kMG]?Hz\b)/

/** What most lines lack, and so need not be read twice. */
const MAY_NAME =
  /§|\b(?:tables?|tab|figures?|figs?|sections?|secs?|appendix|appendices|app|equations?|eqs?|eqns?|algorithms?|alg|theorems?|thm|lemmas?)\b/i

/** Returns the tables, figures, sections, … that a text names, in order; `Tables 3 and 4` are two. */
export function labelsIn(text: string): Label[] {
  if (!MAY_NAME.test(text)) return []
  const labels: Label[] = []
  for (const match of text.matchAll(NAMED)) {
    const [whole, word = '', first = '', others = ''] = match
    const kind = KINDS.find(([pattern]) => pattern.test(word))?.[1]
    // "the section A" is a label, "a figure I", "table a", "the figure 9" and "the headline figure 26.7" are words.
    if (
      kind === undefined ||
      /^[a-z]$/.test(first) ||
      (/^\d/.test(first) && MEASURED.test(text.slice(match.index + whole.length))) ||
      (word === 'figure' && (/^\d{2,3}\.\d/.test(first) || /\bthe $/i.test(text.slice(0, match.index)))) ||
      (word === 'table' && /^\d+\.\d/.test(first) && /\bthe $/i.test(text.slice(0, match.index))) ||
      (kind !== 'appendix' && kind !== 'section' && /^I$/.test(first) && word === word.toLowerCase())
    )
      continue
    const numbers = [first, ...(others.match(/[A-Z]?\d{1,3}(?:\.\d{1,3})*|[A-Z]\b/g) ?? [])]
    for (const number of numbers) {
      labels.push({
        key: `${kind} ${number.toLowerCase()}`,
        at: match.index,
        end: match.index + whole.length,
      })
    }
  }
  return labels
}
