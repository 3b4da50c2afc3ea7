/** What a part of a paper is for; `plain` where neither the heading nor its place tells. */
export type SectionKind =
  | 'abstract'
  | 'introduction'
  | 'background'
  | 'method'
  | 'setup'
  | 'results'
  | 'discussion'
  | 'limitations'
  | 'future'
  | 'conclusion'
  | 'appendix'
  | 'back'
  | 'plain'

const PATTERNS: readonly (readonly [SectionKind, RegExp])[] = [
  [
    'back',
    /^(?:acknowledge?ments?|references|bibliography|funding|author contributions?|(?:declaration of )?(?:competing|conflicts? of) interests?|ethics|ethical|broader impact|impact statement|reproducibility checklist|checklist|about the authors?|contents)\b/,
  ],
  ['abstract', /^(?:abstract|summary)$/],
  ['introduction', /\bintroduction\b|^(?:motivation|overview)\b/],
  [
    'background',
    /\b(?:background|related work|previous work|prior work|preliminar|literature|state of the art|notation|definitions?)\b/,
  ],
  ['limitations', /\b(?:limitations?|threats? to validity|caveats?|failure cases?|shortcomings?)\b/],
  ['future', /\b(?:future|outlook|open (?:questions?|problems?|issues)|perspectives?|challenges)\b/],
  ['conclusion', /\b(?:conclu\w+|summary|closing remarks|final remarks)\b/],
  ['discussion', /\bdiscussions?\b|\binterpretation\b|\bimplications?\b/],
  [
    'setup',
    /\b(?:datasets?|data|benchmarks?|setup|set-up|settings?|protocol|implementation|hyper-?parameters?|training details|experimental (?:setup|design|details|conditions?)|hardware|apparatus|materials|observations?|metrics?|baselines?|corpus|simulations?)\b/,
  ],
  [
    'results',
    /\b(?:results?|experiments?|evaluations?|experimental|ablations?|findings|performance|comparisons?|analys[ei]s|case stud(?:y|ies)|empirical|numerical)\b/,
  ],
  [
    'method',
    /\b(?:methods?|methodology|approach|model|architecture|algorithm|framework|system|design|training|formulation|proposed|theory|construction|derivation|technique|procedure|optimi[sz]ation|learning|objective|loss|network)\b/,
  ],
  ['appendix', /^(?:appendix|appendices|supplement)/],
]

const NUMBER = /^(?:(?:\d+(?:\.\d+)*|[IVX]+|[A-Z](?:\.\d+)*)[.)]?\s+)/

/** Returns the heading without its printed number. */
export function bareHeading(heading: string): string {
  return heading.replace(NUMBER, '').trim()
}

/** Returns the kinds a heading names, most specific first; empty where it names none. */
export function kindsOfHeading(heading: string): SectionKind[] {
  const bare = bareHeading(heading).toLowerCase()
  if (/^appendi/.test(heading.toLowerCase())) return ['appendix']
  const kinds = PATTERNS.filter(([, pattern]) => pattern.test(bare)).map(([kind]) => kind)
  if (kinds[0] === 'back') return ['back']
  // `Conclusion and Future Work` is both; of the others the first one counts.
  const lasting: SectionKind[] = kinds.filter(
    (k) => k === 'limitations' || k === 'future' || k === 'conclusion',
  )
  return lasting.length > 0 ? lasting : kinds.slice(0, 1)
}

/** Returns whether a heading is numbered with a letter, as appendices are. */
export function hasLetterNumber(heading: string): boolean {
  return /^[A-Z](?:\.\d+)*\.?\s+\S/.test(heading) && !/^(?:A|I|V|X)\s+[a-z]/.test(heading)
}
