/** A list item that says only that there is nothing to say: `- **Hardware:** not reported [p. 4]`. */
const EMPTY_ITEM =
  /^\s*[-*+] +(?:\*\*[^*\n]{1,60}\*\*:?|\*\*[^*\n]{1,60}:\*\*|[\p{L} ]{1,40}:) *(?:[-–—] *)?(?:none|nothing|n\/a|unknown|not (?:reported|stated|provided|given|specified|supplied|available|applicable|mentioned|disclosed)|no (?:information|data)(?: (?:was|is|were) (?:given|provided|supplied|available))?)(?: (?:in|by) the (?:paper|text|authors|corpus))?[.;]? *(?:\[[^\]\n]{1,40}\])?[.;]?\s*$/iu

/** Returns a section's Markdown without list items that only say that something was not given; as it is where nothing else would be left. */
export function withoutEmptyItems(markdown: string): string {
  const lines = markdown.split('\n')
  // An item with lines of its own below it is the head of a list.
  const kept = lines.filter((line, n) => !EMPTY_ITEM.test(line) || /^\s+\S/.test(lines[n + 1] ?? ''))
  return kept.some((line) => /[\p{L}\p{N}]/u.test(line)) ? kept.join('\n') : markdown
}
